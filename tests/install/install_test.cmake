# Installs everything into a directory of its own, looks at it, and runs it. Given: BUILD_DIR.
set(work ${BUILD_DIR}/whole_install_test)
set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
foreach(file
        bin/clacks bin/clacksd include/clacks/client.hpp
        include/clacks/memcached/server.hpp lib/systemd/system/clacksd.service
        lib/sysusers.d/clacks.conf share/clacks/leaf.yaml share/clacks/master.yaml
        share/clacks/reference.yaml share/clacks/slave.yaml share/doc/clacks/CHANGELOG.md
        share/doc/clacks/LICENSE share/doc/clacks/README.md share/doc/clacks/protocol.txt)
    if(NOT EXISTS ${prefix}/${file})
        message(FATAL_ERROR "${file} is not installed")
    endif()
endforeach()

file(READ ${prefix}/lib/systemd/system/clacksd.service unit)
string(FIND "${unit}" "ExecStart=${prefix}/bin/clacksd --config " start)
if(start EQUAL -1 OR unit MATCHES "@CLACKS")
    message(FATAL_ERROR "the service does not start the installed clacksd:\n${unit}")
endif()

# The examples start with what the installed tool makes.
file(COPY ${prefix}/share/clacks/ DESTINATION ${work}/node)
run(${prefix}/bin/clacks certificate --out ${work}/node/certificates)
set(ENV{CLACKS_PASSWORD} secret)
foreach(example leaf master reference slave)
    run(${prefix}/bin/clacksd --config ${work}/node/${example}.yaml --check)
    if(NOT output MATCHES "${example}.yaml: ok\n$")
        message(FATAL_ERROR "clacksd --check said: ${output}")
    endif()
endforeach()
