// Holds so many jobs of 600 bytes in a library's queue, for its memory to be looked at.
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';

const [library, count] = process.argv.slice(2);
const job = (n) => ({ key: `hubspot-company-${n}`, body: `${n} `.padEnd(600, 'x') });

if (library === 'p-queue') {
  const queue = new PQueue({ intervalCap: 30, interval: 1000, autoStart: false });
  for (let n = 0; n < count; ++n) {
    const held = job(n);
    queue.add(async () => held);
  }
} else {
  const limiter = new Bottleneck({ reservoir: 0 });
  for (let n = 0; n < count; ++n) limiter.schedule(async (held) => held, job(n));
}
console.log('listening nowhere ');
setInterval(() => {}, 1000);
