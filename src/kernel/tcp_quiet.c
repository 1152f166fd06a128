/* A mend of lwIP. It answers every empty segment while its own receive window is closed: two ends
 * that are both full would answer each other's answers for ever, and on a link without delay
 * nothing else would happen any more. A segment that says nothing new is therefore dropped then. */
#include "net.h"

#include "lwip/priv/tcp_priv.h"

/* lwIP asks before a block takes a segment: ERR_OK to let it. header: in host order. A keepalive's
 * probe has the number before the next, and is to be answered. */
err_t tcp_quiet(const struct tcp_pcb *pcb, const struct tcp_hdr *header, const struct pbuf *p) {
  if (pcb->state == LISTEN || pcb->state == TIME_WAIT || pcb->rcv_wnd) return ERR_OK;
  bool empty = !p->tot_len && TCPH_FLAGS(header) == TCP_ACK;
  bool news = header->ackno != pcb->lastack ||
              (tcpwnd_size_t)SND_WND_SCALE(pcb, header->wnd) != pcb->snd_wnd;
  return !empty || news || header->seqno == pcb->rcv_nxt - 1 ? ERR_OK : ERR_VAL;
}
