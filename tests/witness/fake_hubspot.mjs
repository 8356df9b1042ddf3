// The local HubSpot as a process of its own (tests/fakes/fake_hubspot_main.cpp says what it obeys).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import readline from 'node:readline';

export class FakeHubSpot {
  constructor(program, companies, contacts) {
    this.process = spawn(program, ['--companies', companies, '--contacts', contacts], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async line() {
    const { value, done } = await this.lines.next();
    assert.ok(!done, 'fake_hubspot ended early');
    return value;
  }

  async start() {
    const [word, url] = (await this.line()).split(' ');
    assert.equal(word, 'listening');
    return url;
  }

  async command(text) {
    this.process.stdin.write(`${text}\n`);
    const answer = await this.line();
    assert.ok(!answer.startsWith('error '), `${text}: ${answer}`);
    return answer;
  }

  async webhook(publicUrl) {
    return JSON.parse(await this.command(`webhook http://127.0.0.1:9/hooks/hubspot ${publicUrl}`));
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.stdin.end();
    assert.equal(await ended, 0);
  }
}
