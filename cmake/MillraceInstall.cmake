# Installed package: headers, static libraries, find_package(millrace). See docs/packaging.md.
