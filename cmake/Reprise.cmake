# How the core is compiled: one target a folder of core/, one test binary for all of them.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
option(REPRISE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(REPRISE_THREADS "Build with threads" ON)
option(REPRISE_FUZZ "Build the fuzz targets, for clang" OFF)
option(REPRISE_PRECOMPILE "Compile common headers once; without, each file must include what it uses" ON)

# -ffp-contract=off: a fused multiply-add would change result bits (docs/numerics.md).
add_library(reprise_flags INTERFACE)
target_include_directories(reprise_flags INTERFACE ${CMAKE_SOURCE_DIR}/core)
target_compile_options(reprise_flags INTERFACE -ffp-contract=off -fno-math-errno -Wall -Wextra
                                               -Werror -fvisibility=hidden
                                               $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
                                               $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
# g++ 12 reports overlaps that cannot be in std::string's operator+ (GCC bug 105651).
target_compile_options(reprise_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(EMSCRIPTEN)
  # A module does not exit: what lives until then is not destroyed. Without threads nobody else makes a
  # static variable.
  target_compile_options(reprise_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-c++-static-destructors>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<NOT:$<BOOL:${REPRISE_THREADS}>>>:-fno-threadsafe-statics>)
endif()
set(reprise_machine_flags)
if(EMSCRIPTEN)
  list(APPEND reprise_machine_flags -msimd128)
  if(REPRISE_THREADS)
    list(APPEND reprise_machine_flags -pthread)
  endif()
else()
  list(APPEND reprise_machine_flags -pthread)
endif()
if(REPRISE_SANITIZE)
  # The vptr check needs run-time type information, which the core is built without. Without -O1 the
  # tests over every float would take minutes.
  list(APPEND reprise_machine_flags -O1 -fsanitize=address,undefined -fno-sanitize=vptr
       -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
if(REPRISE_FUZZ)
  list(APPEND reprise_machine_flags -fsanitize=fuzzer-no-link)
endif()
add_compile_options(${reprise_machine_flags})
add_link_options(${reprise_machine_flags})

# What is linked into WebAssembly is optimised as a whole: functions that one caller has join it, and what
# nobody reads is not passed. Kernels, which are called by pointers, gain nothing.
set(reprise_whole $<$<BOOL:${EMSCRIPTEN}>:-flto>)

# Compiles what NAME of cmake/headers includes ahead of TARGET's files.
function(reprise_precompile target name)
  if(REPRISE_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE
                              $<$<COMPILE_LANGUAGE:CXX>:${CMAKE_SOURCE_DIR}/cmake/headers/${name}.h>)
  endif()
endfunction()
# Its headers are those of every library.
file(WRITE ${CMAKE_BINARY_DIR}/headers.cc "")
add_library(reprise_headers OBJECT ${CMAKE_BINARY_DIR}/headers.cc)
target_link_libraries(reprise_headers PRIVATE reprise_flags)
target_compile_options(reprise_headers PRIVATE ${reprise_whole})
reprise_precompile(reprise_headers core)

# reprise_library(NAME SOURCES ... [TESTS ...] DEPENDS ...): target reprise_NAME; the tests join the
# one test binary.
function(reprise_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;DEPENDS" ${ARGN})
  add_library(reprise_${name} STATIC ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND reprise_)
  target_link_libraries(reprise_${name} PUBLIC ${ARG_DEPENDS} PRIVATE reprise_flags)
  target_compile_options(reprise_${name} PRIVATE ${reprise_whole})
  if(REPRISE_PRECOMPILE)
    target_precompile_headers(reprise_${name} REUSE_FROM reprise_headers)
  endif()
  set_property(GLOBAL APPEND PROPERTY REPRISE_LIBRARIES reprise_${name})
  foreach(test IN LISTS ARG_TESTS)
    set_property(GLOBAL APPEND PROPERTY REPRISE_TESTS ${CMAKE_CURRENT_SOURCE_DIR}/${test})
  endforeach()
endfunction()

# reprise_smaller(LEVEL SOURCES ...): in WebAssembly these files are compiled at this level, -O2, -Os or
# -Oz, since a page loads them and vectors and unrolled loops gain next to nothing there.
function(reprise_smaller level)
  if(EMSCRIPTEN)
    # Headers compiled ahead are compiled for speed.
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS ${level} SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()
# reprise_small(SOURCES ...): the same for size alone, of files in whose functions no time is spent.
function(reprise_small)
  reprise_smaller(-Oz ${ARGN})
endfunction()

# reprise_simd_library(NAME SOURCES ... SIMD_SOURCES ... [TESTS ...] DEPENDS ...): reprise_library whose
# SIMD_SOURCES are compiled once for each SIMD level of the target, with REPRISE_SIMD_LEVEL (a
# namespace) and REPRISE_SIMD_WIDTH (floats a native vector) defined.
function(reprise_simd_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;SIMD_SOURCES;TESTS;DEPENDS" ${ARGN})
  reprise_library(${name} SOURCES ${ARG_SOURCES} TESTS ${ARG_TESTS} DEPENDS ${ARG_DEPENDS})
  set(flags_sse2)
  set(flags_avx2 -mavx2)
  set(flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
  set(width_avx2 8)
  set(width_avx512 16)
  if(EMSCRIPTEN)
    set(levels simd128)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(levels neon)
  else()
    set(levels sse2 avx2 avx512)
  endif()
  foreach(level IN LISTS levels)
    set(objects reprise_${name}_${level})
    add_library(${objects} OBJECT ${ARG_SIMD_SOURCES})
    list(TRANSFORM ARG_DEPENDS PREPEND reprise_ OUTPUT_VARIABLE depends)
    target_link_libraries(${objects} PRIVATE reprise_flags ${depends})
    if(NOT DEFINED width_${level})
      set(width_${level} 4)
    endif()
    target_compile_definitions(${objects} PRIVATE REPRISE_SIMD_LEVEL=${level}
                               REPRISE_SIMD_WIDTH=${width_${level}})
    target_compile_options(${objects} PRIVATE ${flags_${level}})
    target_sources(reprise_${name} PRIVATE $<TARGET_OBJECTS:${objects}>)
    if(NOT EMSCRIPTEN)
      add_custom_command(TARGET reprise_${name} POST_BUILD VERBATIM
        COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} "-DOBJECTS=$<TARGET_OBJECTS:${objects}>"
                -DNAMESPACE=reprise::${level}:: -P ${CMAKE_SOURCE_DIR}/cmake/CheckSimdSymbols.cmake)
    endif()
  endforeach()
endfunction()

# The test binary reprise_tests, natively and under Node.
function(reprise_add_tests)
  set(BUILD_GMOCK OFF CACHE INTERNAL "")
  set(INSTALL_GTEST OFF CACHE INTERNAL "")
  set(gtest_disable_pthreads ON CACHE INTERNAL "")
  add_subdirectory(/usr/src/googletest ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
  target_compile_options(gtest PRIVATE -w)
  get_property(tests GLOBAL PROPERTY REPRISE_TESTS)
  get_property(libraries GLOBAL PROPERTY REPRISE_LIBRARIES)
  add_executable(reprise_tests ${tests} ${CMAKE_SOURCE_DIR}/tests/support/test_files_test.cc
                 ${CMAKE_SOURCE_DIR}/tests/support/sanitizer_options.cc)
  target_compile_definitions(reprise_tests PRIVATE REPRISE_FIXTURES="${CMAKE_SOURCE_DIR}/fixtures"
                             REPRISE_REFERENCE="${CMAKE_SOURCE_DIR}/.reference")
  target_include_directories(reprise_tests PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(reprise_tests PRIVATE reprise_flags ${libraries} gtest_main)
  # Compiling the tests for speed takes longer than they run; g++ without a precompiled header longest.
  target_compile_options(reprise_tests PRIVATE $<IF:$<CXX_COMPILER_ID:GNU>,-O0,-O1>)
  reprise_precompile(reprise_tests tests)
  if(EMSCRIPTEN)
    # The repository's package.json says that .js files are ES modules; Emscripten's is none.
    file(WRITE ${CMAKE_BINARY_DIR}/package.json "{\"type\": \"commonjs\"}\n")
    # -O1: optimising the linked module takes longer than the tests run.
    target_link_options(reprise_tests PRIVATE -O1 -sALLOW_MEMORY_GROWTH -sSTACK_SIZE=1MB -sEXIT_RUNTIME
                        -sENVIRONMENT=node,worker -sNODERAWFS $<$<BOOL:${REPRISE_THREADS}>:-sPTHREAD_POOL_SIZE=4
                        -sPROXY_TO_PTHREAD>)
  endif()
endfunction()
