# Fails where an object of one SIMD level defines a symbol outside the level's own namespace: the
# linker might take it for everybody's, on a machine that lacks the level.
# -DNM=… -DOBJECTS=a;b -DNAMESPACE=reprise::avx2::

foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} --demangle --defined-only --extern-only ${object}
                  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
  set(own 0)
  foreach(symbol IN LISTS symbols)
    if(symbol MATCHES "^[0-9a-f]+ [TRDB] ${NAMESPACE}")
      math(EXPR own "${own} + 1")
    elseif(NOT symbol MATCHES "^[0-9a-f]+ . (__odr_asan_gen_|___asan_)")  # the sanitizer's own data
      message(FATAL_ERROR "${object} shares a symbol with other SIMD levels: ${symbol}")
    endif()
  endforeach()
  if(own EQUAL 0)
    message(FATAL_ERROR "${object} has no symbol of ${NAMESPACE}")
  endif()
endforeach()
