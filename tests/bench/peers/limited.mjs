// Sends for ever at "30 a second" as the three libraries are told to in their own documentation.
import { Agent, request } from 'node:http';
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import pThrottle from 'p-throttle';

const [library, url] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function call(n) {
  return new Promise((resolve) => {
    const sent = request(
      `${url}/accounts/upsert?source_specific_id=k${n}`,
      { method: 'PUT', agent, headers: { 'Content-Type': 'application/json' } },
      (answer) => answer.on('end', resolve).resume(),
    );
    sent.on('error', resolve);
    sent.end('{}');
  });
}

const limited = {
  'p-throttle': () => pThrottle({ limit: 30, interval: 1000 })(call),
  'p-queue': () => {
    const queue = new PQueue({ intervalCap: 30, interval: 1000 });
    return (n) => queue.add(() => call(n));
  },
  bottleneck: () => {
    const limiter = new Bottleneck({
      reservoir: 30,
      reservoirRefreshAmount: 30,
      reservoirRefreshInterval: 1000,
    });
    return (n) => limiter.schedule(() => call(n));
  },
}[library]();

console.log('listening nowhere ');
for (let n = 0; ; ) {
  const some = [];
  for (let i = 0; i < 300; ++i) some.push(limited(++n));
  await Promise.all(some);
}
