# scaleplan_assets(room PATHS files... NAMES names...): files as bytes inside the executable, found through assets() of
# src/<room>/assets.hpp under these names
function(scaleplan_assets room)
  cmake_parse_arguments(ARG "" "" "PATHS;NAMES" ${ARGN})
  set(assembly "")
  set(externs "")
  set(entries "")
  set(index 0)
  foreach(path name IN ZIP_LISTS ARG_PATHS ARG_NAMES)
    set(symbol "scaleplan_${room}_asset_${index}")
    string(APPEND assembly
      "__asm__(\".section .rodata\\n.balign 16\\n${symbol}:\\n.incbin \\\"${path}\\\"\\n${symbol}_end:\\n.byte 0\\n.previous\\n\");\n")
    string(APPEND externs "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
    string(APPEND entries "      {\"${name}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    math(EXPR index "${index}+1")
  endforeach()
  set(out "${PROJECT_BINARY_DIR}/generated/${room}_assets.cpp")
  file(CONFIGURE OUTPUT "${out}" CONTENT
"#include \"${room}/assets.hpp\"\n\n${assembly}\nextern \"C\" {\n${externs}}\n\nnamespace scaleplan::${room} {\n\nstd::span<const Asset> assets() {\n  static const Asset all[] = {\n${entries}  };\n  return all;\n}\n\n}  // namespace scaleplan::${room}\n" @ONLY)
  set_source_files_properties("${out}" PROPERTIES OBJECT_DEPENDS "${ARG_PATHS}")
  target_sources(scaleplan_${room} PRIVATE "${out}")
endfunction()
