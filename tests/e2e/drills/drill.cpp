#include "tests/e2e/drills/drill.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>
#include <sstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace assembly_sync::test {

namespace fs = std::filesystem;

void edit_config(const World& world, const std::string& from, const std::string& to) {
  std::string text = read_file(world.config());
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  write_file(world.config(), text);
}

std::vector<core::Value> touch_all(World& world, const std::string& mark) {
  sandbox::SampleCrm& crm = world.crm();
  for (const core::Value& record : crm.records("companies")) {
    crm.update("companies", record.text_or("id"), {{"industry", mark}});
  }
  for (const core::Value& record : crm.records("contacts")) {
    crm.update("contacts", record.text_or("id"), {{"jobtitle", mark}});
  }
  return crm.take_events();
}

Answered post(World& world, const std::vector<core::Value>& events) {
  const std::string path = "/hooks/hubspot";
  const std::string signed_for = kPublicUrl + path;
  const std::string sent_to = world.daemon().webhook_url() + path;
  const auto answer = world.transport().send(world.crm().webhook(events, signed_for, sent_to));
  if (!answer) return {};
  const auto pause = core::find_header(answer->headers, "retry-after");
  return {answer->status, std::string(pause.value_or(""))};
}

core::HttpResponse get(World& world, const std::string& path, const std::string& accept) {
  core::HttpRequest request;
  request.url = world.daemon().admin_url() + path;
  request.headers.push_back({"Accept", accept.empty() ? "text/plain" : accept});
  return world.transport().send(request).value_or(core::HttpResponse{});
}

void show(World& world, const std::string& what) {
  std::cout << "--- " << what << '\n';
  std::istringstream status(world.admin("/"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("needs you") || line.find("PROBLEM") != std::string::npos) {
      std::cout << "    status  " << line << '\n';
    }
  }
  const core::HttpResponse fresh = get(world, "/freshz");
  std::cout << "    freshz  " << fresh.status << ' ' << fresh.body;
}

void show_log(World& world, const std::string& mark) {
  std::istringstream log(world.daemon().log());
  for (std::string line; std::getline(log, line);) {
    if (line.find(mark) == std::string::npos) continue;
    std::cout << "    log     " << line << '\n';
    return;
  }
}

SmallDisk::SmallDisk(fs::path folder, int megabytes)
    : folder_(std::move(folder)), megabytes_(megabytes) {
  fs::create_directories(folder_);
  const std::string options = "size=" + std::to_string(megabytes_) + "m,mode=0700";
  if (mount("drill", folder_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
    why_not_ = std::string("a file system can't be mounted here: ") + std::strerror(errno);
  }
}

SmallDisk::~SmallDisk() {
  if (is_there()) umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill(std::int64_t leave_bytes) const {
  const int fd = open((folder_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  lseek(fd, 0, SEEK_END);
  const std::string block(4096, 'x');
  struct statvfs now {};
  while (statvfs(folder_.c_str(), &now) == 0 &&
         static_cast<std::int64_t>(now.f_bavail * now.f_frsize) > leave_bytes) {
    if (write(fd, block.data(), block.size()) <= 0) break;
  }
  close(fd);
}

void SmallDisk::relieve() const {
  fs::remove(folder_ / "ballast");
}

void SmallDisk::make_read_only(bool read_only) const {
  const unsigned long flags =
      static_cast<unsigned long>(read_only ? MS_REMOUNT | MS_RDONLY : MS_REMOUNT);
  const std::string options = "size=" + std::to_string(megabytes_) + "m";
  ASSERT_EQ(mount("drill", folder_.c_str(), "tmpfs", flags, options.c_str()), 0)
      << std::strerror(errno);
}

}  // namespace assembly_sync::test
