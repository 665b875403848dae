# longwire_thrift(NAME channels_idl IDLS push.thrift echo.thrift [SERVICES ChannelHandler])
#
# Generates C++ into the build tree and compiles it into the library longwire_<NAME>, without our
# warnings. Users include "<folder>/<idl>_types.h" as a system header, in .cc files only; of a service
# that the IDLS define and SERVICES names, "<folder>/<Service>.h" is the client.
find_program(THRIFT_COMPILER thrift REQUIRED)
pkg_check_modules(THRIFT REQUIRED IMPORTED_TARGET GLOBAL thrift)

function(longwire_thrift)
  cmake_parse_arguments(ARG "" "NAME" "IDLS;SERVICES" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/generated)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(out ${root}/${folder})
  file(MAKE_DIRECTORY ${out})
  set(sources)
  set(services)
  foreach(service ${ARG_SERVICES})
    list(APPEND services ${out}/${service}.cpp ${out}/${service}.h ${out}/${service}.tcc)
  endforeach()
  foreach(idl ${ARG_IDLS})
    get_filename_component(base ${idl} NAME_WE)
    add_custom_command(
      OUTPUT ${out}/${base}_types.cpp ${out}/${base}_types.h ${out}/${base}_types.tcc ${services}
      COMMAND ${THRIFT_COMPILER} --gen cpp:templates,moveable_types,no_skeleton -out ${out}
              ${CMAKE_CURRENT_SOURCE_DIR}/${idl}
      # Any number may come over the wire; without a type of its own, an enum that holds another
      # than its names' is undefined behaviour.
      COMMAND sed -i "s/enum type {/enum type : int {/" ${out}/${base}_types.h
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${idl}
      COMMENT "thrift ${folder}/${idl}"
      VERBATIM)
    list(APPEND sources ${out}/${base}_types.cpp ${out}/${base}_types.h ${services})
    set(services)
  endforeach()
  add_library(longwire_${ARG_NAME} STATIC ${sources})
  target_compile_options(longwire_${ARG_NAME} PRIVATE -w)
  target_include_directories(longwire_${ARG_NAME} SYSTEM PUBLIC ${root})
  target_link_libraries(longwire_${ARG_NAME} PUBLIC PkgConfig::THRIFT)
endfunction()
