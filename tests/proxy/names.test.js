// Names outside the lab: C programs ask the bridge for them, and connect to what it answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { HOME, Lab } from '../../web/runtime/lab.js';
import { collector, compile } from '../runtime/lab.js';
import { startBridge, tcpServer } from './helper.js';

/** Prints for each HOST:PORT what getaddrinfo and connect say. */
const VISIT = `
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char *argv[]) {
  for (int i = 1; i < argc; i++) {
    char *port = strchr(argv[i], ':'), text[64];
    struct addrinfo *a, hints = {.ai_socktype = SOCK_STREAM};
    *port++ = 0;
    int error = getaddrinfo(argv[i], port, &hints, &a);
    printf("%s: ", argv[i]);
    if (error) {
      puts(gai_strerror(error));
      continue;
    }
    int s = socket(a->ai_family, SOCK_STREAM, 0);
    getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    printf("%s ", text);
    if (connect(s, a->ai_addr, a->ai_addrlen))
      puts(strerror(errno));
    else
      printf("%.*s\\n", (int)recv(s, text, sizeof text, 0), text);
    close(s);
    freeaddrinfo(a);
  }
}`;

for (const dns of [null, 'carol']) {
  test(`a name that the allow-list has, and others, ${dns ? 'beside the lab\'s own DNS server' : 'asked of the bridge alone'}`, async (t) => {
    const { port } = await tcpServer(t, (socket) => socket.end('hello'));
    const bridge = await startBridge(t, `www.Real.example:80: localhost:${port}\nlocalhost:${port}\nnowhere.invalid:80\n`);
    const lab = await Lab.boot({ proxy: bridge.url, dns });
    t.after(() => lab.shutdown());
    await lab.install(`${HOME}/visit`, await compile(VISIT));
    const out = collector();
    const targets = ['www.real.example:80', 'WWW.Real.Example.:81', 'nowhere.invalid:80', 'other.invalid:80', 'bob:1'];
    const { exited } = await lab.spawn({ path: `${HOME}/visit`, argv: ['visit', ...targets], stdout: out });
    assert.equal((await exited).code, 0);
    assert.deepEqual(out.text.trim().split('\n'), [
      'www.real.example: 198.18.0.1 hello',
      'WWW.Real.Example.: 198.18.0.1 Permission denied',
      'nowhere.invalid: 198.18.0.3 No route to host',
      'other.invalid: Name or service not known',
      'bob: fd00:6c61:62::2 Connection refused',
    ]);
  });
}

test('the bridge does not answer what is no question', async (t) => {
  const bridge = await startBridge(t, 'www.real.example:80\n');
  const ask = async (/** @type {number[]} */ ...bytes) => {
    const ws = new WebSocket(`${bridge.url}/?token=198.51.100.53:53`, ['binary']);
    const messages = /** @type {Buffer[]} */ ([]);
    ws.on('message', (/** @type {Buffer} */ data) => {
      if (messages.push(data) > 1) return;
      ws.send(Buffer.from(bytes));
      ws.send(Buffer.alloc(0));
    });
    await once(ws, 'close');
    return [...Buffer.concat(messages)];
  };
  assert.deepEqual(await ask(0, 3, 1, 2, 3), []); // shorter than a header
  const header = [0xab, 0xcd, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  assert.deepEqual(await ask(0, 14, ...header, 200, 0), [0, 12, 0xab, 0xcd, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0]);
});
