// Chromium, watched: whatever it writes to its console as an error, and whatever it asks of anybody
// but the daemon, fails the test.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export class Browser {
  constructor(admin) {
    this.admin = admin;
    this.wrong = [];
  }

  async start() {
    const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
    assert.ok(existsSync(program), `${program} is missing: ./dev test installs it`);
    this.profile = mkdtempSync(path.join(tmpdir(), 'assembly-sync-chromium-'));
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: program,
      headless: true,
      viewport: DESKTOP,
      colorScheme: 'light',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    this.context.on('request', (request) => {
      if (!request.url().startsWith(`${this.admin}/`)) this.wrong.push(`asked ${request.url()}`);
    });
    this.context.setDefaultTimeout(20_000);
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.#watch(this.page);
  }

  #watch(page) {
    page.on('console', (message) => {
      // A refused login is meant to be one; the browser reports its status as an error.
      if (message.type() === 'error' && !this.expects?.test(message.text())) {
        this.wrong.push(`console: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.wrong.push(`script: ${error.message}`));
    page.on('dialog', (dialog) => dialog.accept());
  }

  /** What went wrong since the last call. */
  faults() {
    return this.wrong.splice(0);
  }

  /** axe's serious and critical findings on the page as it is now. */
  async findings() {
    const session = await this.context.newCDPSession(this.page);
    // An isolated world, because the page's own policy lets no other script in.
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
    });
    const run = async (expression) => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
        expression,
        contextId: executionContextId,
        awaitPromise: true,
        returnByValue: true,
      });
      assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
      return result.value;
    };
    await run(`${axe}; undefined`);
    const found = await run(`axe.run().then((all) => all.violations.map((one) => ({
      id: one.id, impact: one.impact, help: one.help,
      nodes: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)),
    })))`);
    await session.detach();
    return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  }

  async stop() {
    await this.context?.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}
