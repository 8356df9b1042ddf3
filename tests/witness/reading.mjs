// Our side of a comparison: what a connector reads, through the program read_source, and the parts
// of a configuration that every witness needs.
//
// READ_SOURCE and ASSEMBLY_SYNC are the paths of the programs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readline from 'node:readline';

/** Runs a program to its end; nothing blocks meanwhile, so that a fake in this process can answer. */
export function run(program, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** A configuration with one source `crm` in a folder of its own. */
export class Configured {
  /** `source`: the block as lines of YAML without indentation; `more`: further top-level text. */
  constructor(source, { env = {}, more = '', assembly = 'http://127.0.0.1:9' } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'witness-'));
    this.file = join(this.folder, 'config.yaml');
    this.env = { ASSEMBLY_API_KEY: 'key', ...env };
    const block = source.trim().split('\n').map((line) => `    ${line}`).join('\n');
    writeFileSync(this.file, `version: 1
assembly: {base_url: "${assembly}", api_key: "\${env:ASSEMBLY_API_KEY}"}
store: {path: ${join(this.folder, 'store.db')}}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  crm:
${block}
${more}`);
  }

  async read(object, ...what) {
    const { code, out, err } =
      await run(process.env.READ_SOURCE, [this.file, `crm.${object}`, ...what.map(String)], this.env);
    assert.equal(code, 0, `read_source ${object} ${what.join(' ')}: ${err}${out}`);
    return out.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** The records of a listing, by id; the walk must end and no row may be bad. */
  async list(object) {
    const lines = await this.read(object, 'list');
    for (const line of lines) assert.ok(!line.bad_row && !line.warning, JSON.stringify(line));
    return byId(lines.filter((line) => line.record));
  }

  /** {notices, cursor} of what changed at `since` (ms) or later. */
  async changes(object, since, cursor) {
    const lines = await this.read(object, 'changes', since, ...(cursor ? [cursor] : []));
    return {
      notices: lines.filter((line) => line.notice),
      cursor: lines.filter((line) => line.cursor).at(-1)?.cursor,
    };
  }

  sync(...args) {
    return run(process.env.ASSEMBLY_SYNC, [...args, '-c', this.file], this.env);
  }

  /** The daemon itself, once it listens; `webhooks` is where they go. */
  async start() {
    const child = spawn(process.env.ASSEMBLY_SYNC, ['run', '-c', this.file],
      { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    const started = new Promise((resolve, reject) => {
      child.stdout.on('data', (data) => {
        log += data;
        const line = log.match(/event=started.* webhooks=(\S+)/);
        if (line) resolve(line[1]);
      });
      child.on('exit', (code) => reject(new Error(`the daemon ended with ${code}: ${log}`)));
    });
    const webhooks = await started;
    return { webhooks, log: () => log, stop: async () => {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGTERM');
      assert.equal(await ended, 0, log);
    } };
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A local Assembly that takes everything at once. */
export class Sandbox {
  async start() {
    this.child = spawn(process.env.ASSEMBLY_SYNC, ['sandbox', '--rate', '1000'],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ASSEMBLY_API_KEY: 'key' } });
    for await (const line of readline.createInterface({ input: this.child.stdout })) {
      this.url = line.match(/^listening (http:\S+)/)?.[1];
      if (this.url) return this.url;
    }
    throw new Error('the sandbox ended early');
  }

  /** The account or contact with a key of ours; undefined when there is none. */
  async find(kind, key) {
    const answer = await fetch(`${this.url}/${kind}s?source_specific_id=${key}`,
      { headers: { Authorization: 'key' } });
    if (answer.status === 404) return undefined;
    assert.equal(answer.status, 200, key);
    return (await answer.json())[kind];
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** Waits until `look` gives something true; a deadline is there to fail instead of hanging. */
export async function until(look, what, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `never: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 25); });
  }
}

/** Lines of read_source as a map from id to record; no id may come twice. */
export function byId(lines) {
  const map = new Map();
  for (const line of lines) {
    assert.ok(!map.has(line.id), `${line.id} came twice`);
    map.set(line.id, line.record);
  }
  return map;
}

/** Equal records, whatever the order of members: those of a client and ours. */
export function assertSameRecords(ours, theirs, idOf = (record) => String(record.id)) {
  const expected = new Map(theirs.map((record) => [idOf(record), JSON.parse(JSON.stringify(record))]));
  assert.deepEqual([...ours.keys()].sort(), [...expected.keys()].sort());
  for (const [id, record] of expected) assert.deepEqual(ours.get(id), record, id);
}
