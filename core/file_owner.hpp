// Whose the files are that this process makes beside a service's. Where root calls a verb, what is
// made on the way must be the service's all the same: it could neither read nor lock it otherwise.
// Thread-safe.
#pragma once

#include <string>

namespace assembly_sync::core {

/// Gives an open file of root's to the owner of its folder, when that is somebody else. Does
/// nothing in a process that is not root's. `path` is the file's.
void give_to_owner_of_folder(int file, const std::string& path);

/// Makes an empty file that only its owner can read, and gives it away so, when this process is
/// root's and there is none: for libraries that open their files themselves.
void make_for_owner_of_folder(const std::string& path);

}  // namespace assembly_sync::core
