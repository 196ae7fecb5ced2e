# Cache::Memcached and Cache::Memcached::Fast against a node: cache_memcached.pl MODULE HOST PORT PATH
use strict;
use warnings;

my ($module, $host, $port, $path) = @ARGV;
eval "require $module; 1" or die $@;

sub check {
    my ($got, $wanted, $what) = @_;
    $got = '(nothing)' unless defined $got;
    die "$module: $what: got $got, wanted $wanted\n" unless $got eq $wanted;
}

for my $address ("$host:$port", $path) {
    my $client = $module->new({servers => [$address], namespace => 'perl:', compress_threshold => 1000});
    my $every_byte = join('', map { chr } 0 .. 255);
    check($client->set('a', 'value'), 1, 'set');
    check(scalar $client->get('a'), 'value', 'get');
    check($client->set('bytes', $every_byte, 100), 1, 'set bytes');
    check(scalar $client->get('bytes'), $every_byte, 'bytes');
    check($client->set('hash', {list => [1, "\r\n"]}), 1, 'set hash');
    check(scalar $client->get('hash')->{list}[1], "\r\n", 'hash');
    check($client->set('long', 'x' x 50000), 1, 'set long');
    check(length $client->get('long'), 50000, 'long');
    check($client->add('a', 'other') ? 1 : 0, 0, 'add');
    check($client->replace('a', 'new'), 1, 'replace');
    check($client->set('n', 5), 1, 'set number');
    check($client->incr('n', 3), 8, 'incr');
    check($client->decr('n', 7), 1, 'decr');
    check($client->decr('n', 10) + 0, 0, 'decr below 0');  # "0E0": nothing, but true
    my $all = $client->get_multi('a', 'n', 'missing');
    check(join(',', map { $_ } sort keys %$all), 'a,n', 'get_multi');
    check($client->delete('a'), 1, 'delete');
    check(scalar $client->get('a'), '(nothing)', 'deleted');
    if ($module eq 'Cache::Memcached::Fast') {
        check($client->append('bytes', 'end'), 1, 'append');
        check(scalar $client->get('bytes'), $every_byte . 'end', 'appended');
        my $seen = $client->gets('n');
        check($client->cas('n', $seen->[0], 'now'), 1, 'cas');
        check($client->cas('n', $seen->[0], 'late') ? 1 : 0, 0, 'late cas');
        check($client->touch('n', 100), 1, 'touch');
    }
    $client->flush_all;
    check(scalar $client->get('n'), '(nothing)', 'flush_all');
}
print "ok\n";
