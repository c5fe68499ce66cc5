// The picture in a topology's README, which must be what Describe() says today.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace millrace::topologies {

// The first block of the README that is fenced as text, or "" when there is none.
inline std::string PictureInReadme(const std::string& folder) {
  std::ifstream file(std::string(MILLRACE_SOURCE_DIR "/topologies/") + folder + "/README.md");
  std::stringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  const std::string fence = "```text\n";
  const size_t start = text.find(fence);
  if (start == std::string::npos) return "";
  const size_t begin = start + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

}  // namespace millrace::topologies
