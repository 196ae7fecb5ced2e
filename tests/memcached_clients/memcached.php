<?php
// PHP's memcached extension against a node: php memcached.php HOST PORT PATH

function check($got, $wanted, $what) {
    if ($got === $wanted) return;
    fwrite(STDERR, "$what: got " . var_export($got, true) . ', wanted ' . var_export($wanted, true) . "\n");
    exit(1);
}

[, $host, $port, $path] = $argv;
foreach ([[$host, (int)$port], [$path, 0]] as [$server, $number]) {
    $client = new Memcached();
    $client->addServer($server, $number);
    $bytes = implode('', array_map('chr', range(0, 255)));
    check($client->set('php', 'value'), true, 'set');
    check($client->get('php'), 'value', 'get');
    check($client->set('php-bytes', $bytes, 100), true, 'set bytes');
    check($client->get('php-bytes'), $bytes, 'bytes');
    check($client->set('php-array', ['a' => [1, 2.5, null, "\r\n"]]), true, 'set array');
    check($client->get('php-array'), ['a' => [1, 2.5, null, "\r\n"]], 'array');
    check($client->set('php-long', str_repeat('x', 100000)), true, 'set long');
    check(strlen($client->get('php-long')), 100000, 'long');
    check($client->add('php', 'other'), false, 'add');
    check($client->getResultCode(), Memcached::RES_NOTSTORED, 'add says');
    check($client->setMulti(['php-1' => 1, 'php-2' => 2]), true, 'setMulti');
    check($client->getMulti(['php-1', 'php-2', 'php-3']), ['php-1' => 1, 'php-2' => 2], 'getMulti');
    check($client->increment('php-1', 4), 5, 'increment');
    check($client->get('php-1'), 5, 'an integer stays one');
    check($client->decrement('php-2', 9), 0, 'decrement');
    $seen = $client->get('php', null, Memcached::GET_EXTENDED);
    check($client->cas($seen['cas'], 'php', 'seen'), true, 'cas');
    check($client->cas($seen['cas'], 'php', 'late'), false, 'late cas');
    check($client->getResultCode(), Memcached::RES_DATA_EXISTS, 'late cas says');
    $client->setOption(Memcached::OPT_COMPRESSION, false);
    check($client->append('php', '!'), true, 'append');
    check($client->get('php'), 'seen!', 'appended');
    check($client->touch('php', 100), true, 'touch');
    check($client->delete('php'), true, 'delete');
    check($client->get('php'), false, 'deleted');
    check(count($client->getStats()), 1, 'stats');
    check($client->flush(), true, 'flush');
    check($client->get('php-array'), false, 'flushed');
}
echo "ok\n";
