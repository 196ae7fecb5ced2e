# Each script says at once how it is used, and what is wrong with its arguments, and does nothing
# else. Given: SCRIPTS, their directory.

# expect(CODE PATTERN script argument…): how it ends and what it says.
function(expect code pattern script)
    execute_process(COMMAND ${SCRIPTS}/${script} ${ARGN} RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 10)
    if(NOT result EQUAL code OR NOT output MATCHES "${pattern}")
        message(FATAL_ERROR "scripts/${script} ${ARGN}: ${result}, and it said:\n${output}")
    endif()
endfunction()

foreach(script bench bootstrap format fuzz kill run test)
    expect(0 "^usage: scripts/${script}" ${script} --help)
endforeach()
foreach(script bootstrap format fuzz kill run test)
    expect(2 "^usage: scripts/${script}" ${script} --nonsense)
endforeach()
expect(2 "^scripts/run: --build-dir /nonexistent: no such directory\n$"
    run --build-dir /nonexistent)
foreach(port 0 65534 99999 x)
    expect(2 "^scripts/run: --port-base needs a number from 1 to 65533\n$" run --port-base ${port})
endforeach()
expect(2 "^scripts/run: --check chooses its ports" run --check --port-base 20000)
