#pragma once

// What all push sessions of a loop share.

#include "base/environment.h"
#include "channels/aead/seal.h"
#include "channels/push/cursor_flusher.h"
#include "channels/push/entry_template.h"
#include "channels/push/push_channel.h"
#include "middle/route/follow_hub.h"
#include "middle/service.h"

namespace longwire::channels {

inline constexpr std::string_view kPushName = "push";
inline constexpr std::uint32_t kPushNumber = 1;

// Loop-bound.
struct PushLoop {
  PushLoop(const PushConfig& its_config, Environment its_environment, middle::Service& its_service,
           middle::FollowHub& its_hub, SealCipher cipher)
      : config(its_config),
        environment(its_environment),
        service(its_service),
        hub(its_hub),
        sealer(cipher),
        templates(cipher),
        flusher(its_environment, its_service, its_config.flush_interval),
        pushed(its_environment.metrics.counter("longwire_push_entries_pushed_total",
                                               "Entries sealed and written to a connection.")),
        stepped(its_environment.metrics.counter(
            "longwire_push_entries_stepped_total",
            "Entries stepped over: expired, recalled, collapsed, filtered or had already.")),
        refused(its_environment.metrics.counter(
            "longwire_push_acknowledgements_refused_total",
            "Acknowledgements of what was not pushed on that connection.")),
        malformed(its_environment.metrics.counter("longwire_push_frames_malformed_total",
                                                  "Frames that could not be decoded.")) {}

  PushConfig config;
  Environment environment;
  middle::Service& service;
  middle::FollowHub& hub;
  Sealer sealer;
  EntryTemplates templates;
  CursorFlusher flusher;
  Bytes scratch;  // the frame being built; kept for its memory
  Counter& pushed;
  Counter& stepped;
  Counter& refused;
  Counter& malformed;
};

}  // namespace longwire::channels
