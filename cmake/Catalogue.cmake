# scaleplan_catalogue(room): share/scaleplan/*/*.json and the embedded scenario, as bytes inside the executable
function(scaleplan_catalogue room)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/share/scaleplan/*/*.json")
  list(SORT files)
  list(APPEND files configs/flop-1e24.json)
  list(TRANSFORM files PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE paths)
  list(TRANSFORM files REPLACE "^share/scaleplan/" "" OUTPUT_VARIABLE names)
  scaleplan_assets(${room} PATHS ${paths} NAMES ${names})
endfunction()
