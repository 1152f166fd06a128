/* The network held, for a look at it. Frames stay on their way until they are let through one by
 * one, and the clocks of TCP stand, so that nothing is taken for lost. Programs go on, and wait. */
#include "net.h"
#include "lwip/priv/tcp_priv.h"

enum { TICK = TCP_TMR_INTERVAL * 1000000, TICKS = 6 };

static bool held;
static int64_t since, missed; /* now_ns: held since; all time that it was, before */

bool net_held(void) { return held; }
int64_t net_time(void) { return (held ? since : now_ns()) - missed; }
int64_t net_timer_at(int64_t time) { return time + missed; }
unsigned net_on_way(void) { return link_count(); }

void net_hold(bool on) {
  if (on == held) return;
  if (on) {
    since = now_ns();
    held = true;
    return;
  }
  missed += now_ns() - since;
  held = false;
  link_go();
  timers_go();
  net_run();
}

/* An acknowledgement that is put off comes within 250 ms, and nothing else that soon. */
void net_step(void) {
  if (!held) return;
  for (int i = 0; i < TICKS && !link_count(); i++) {
    since += TICK;
    tcp_tick_now();
  }
  link_step();
  net_run();
}
