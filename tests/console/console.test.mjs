// The console as an operator meets it, in a real browser: log in, watch a queue drain, find out why
// a value is what it is, mend a rule beside the record that it refused, and retry the dead letter.
// Nobody but the daemon is asked for anything, nothing is written to the browser's console, and axe
// finds nothing serious on any page, in light and dark, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, DESKTOP, PHONE } from './browser.mjs';
import { RULE, World } from './world.mjs';

const ROWS = 240;
const rows = Array.from({ length: ROWS }, (_, i) => ({
  id: i + 1,
  name: `Company ${i + 1}`,
  domain: `company-${i + 1}.test`,
  amount: i === 6 ? 'n/a' : (i + 1) * 10,
  plan: i % 2 ? 'Team' : 'Solo',
}));
const REFUSED = rows[6];

const world = new World();
let browser;
let page;

before(async () => {
  await world.start(rows);
  browser = new Browser(world.admin);
  await browser.start();
  page = browser.page;
});

after(async () => {
  await browser?.stop();
  await world.stop();
});

const open = (path) => page.goto(world.admin + path);
const clean = () => assert.deepEqual(browser.faults(), []);

/** Where the shots for the documents go; they are taken only when asked for. */
async function shot(name) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

test('a first visit asks for the token and takes no other', async () => {
  await open('/runs?x=1');
  assert.match(page.url(), /\/login\?next=/);
  browser.expects = /status of 403/;
  await page.getByLabel('Token').fill('not the token at all');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('That is not the token.').waitFor();
  browser.expects = undefined;
  assert.deepEqual(await browser.findings(), []);
  await page.getByLabel('Token').fill(world.token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${world.admin}/runs?x=1`);
  await page.getByRole('heading', { name: 'Runs' }).waitFor();
  clean();
});

test('the chart moves while a backfill drains', async () => {
  await open('/');
  const line = page.locator('[data-live="chart-budget"] .line');
  const shapes = new Set();
  const backfill = world.verb('backfill', 'billing', '--no-wait');
  let busiest = 0;
  await world.until(async () => {
    shapes.add(await line.getAttribute('d'));
    const { budget } = await world.status();
    busiest = Math.max(busiest, budget.used_last_second);
    return shapes.size >= 4 && busiest > 10;
  }, 'a chart that moves');
  await page.locator('[data-live="runs"] progress').waitFor();
  await shot('overview');
  await backfill;
  await world.until(async () => {
    const { outbox, runs } = await world.status();
    return outbox.pending === 0 && outbox.in_flight === 0 && runs.length === 0;
  }, 'the end of the drain');
  const { notices } = await world.status();
  assert.equal(notices.delivered, ROWS - 1);
  await page.getByRole('link', { name: '1 dead letter' }).waitFor();
  clean();
});

test('pausing stops the renewal', async () => {
  const other = await browser.context.newPage(); // whose time is moved by hand
  await other.clock.install();
  await other.goto(`${world.admin}/`);
  const renewal = other.waitForResponse(`${world.admin}/`);
  await other.clock.runFor(1000);
  await renewal;
  await other.getByRole('button', { name: 'Pause' }).click();
  let asked = 0;
  other.on('request', () => ++asked);
  await other.clock.runFor(5000);
  assert.equal(asked, 0);
  await other.close();
  clean();
});

test('a refused record is found, and says where it stopped', async () => {
  await open('/');
  await page.getByLabel('Search entities').fill(`billing.customers ${REFUSED.id}`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `billing.customers ${REFUSED.id}` }).waitFor();
  await page.getByText('expected a decimal number').first().waitFor();
  await page.getByRole('link', { name: 'See its dead letter' }).click();
  await page.getByRole('heading', { name: /^Dead letter/ }).waitFor();
  clean();
});

test('the workbench shows an error as one types, and what mends it', async () => {
  await open(`/workbench?object=billing.customers&id=${REFUSED.id}`);
  const rules = page.getByLabel('Rules:');
  const outcome = page.locator('[data-live="outcome"]');
  await outcome.getByText('expected a decimal number').first().waitFor();
  const before = await rules.inputValue();
  assert.equal(before, world.config());

  await rules.fill(before.replace(RULE, 'amount | to_numbr'));
  const problem = page.locator('.problems li').first();
  await problem.getByText('to_number').first().waitFor();
  const line = before.split('\n').findIndex((text) => text.includes(RULE)) + 1;
  await problem.getByRole('button', { name: `config.yaml:${line}:` }).click();
  const caret = await rules.evaluate((field) => field.selectionStart);
  assert.equal(before.slice(0, caret).split('\n').length, line);
  await shot('workbench');

  await rules.fill(before.replace(RULE, 'if(matches(amount, "^[0-9]+$"), amount | to_number)'));
  await page.getByText('no problem', { exact: true }).waitFor();
  await outcome.getByText(`billing-${REFUSED.id}`).first().waitFor();
  assert.equal(world.config(), before, 'nothing is written while one types');
  clean();
});

test('what was tried is saved with its test, and put in force', async () => {
  await page.getByLabel('Name of the test').fill('no amount');
  await page.getByRole('button', { name: 'Save as test' }).click();
  await page.getByText('Saved with the test.').waitFor();
  assert.match(world.config(), /contract_value: if\(matches/);
  assert.match(world.config(), /- mapping: customers\n {4}name: no amount\n {4}record:\n/);
  const { stdout } = await world.verb('test');
  assert.match(stdout, /2/);
  await world.verb('reload');
  await world.until(async () => {
    const { config, dead, notices } = await world.status();
    return config.version === 2 && dead === 0 && notices.delivered === ROWS;
  }, 'the new version, by which the record went through');
  await open('/dead');
  await page.getByText('No dead letter waits for you.').waitFor();
  clean();
});

test('the live tail shows what was sent', async () => {
  await open('/tail');
  const tail = page.getByRole('region', { name: 'What happened, the newest first' });
  await tail.getByText('delivered').first().waitFor();
  await tail.getByText(`billing-${ROWS}`).first().waitFor();
  clean();
});

test('what Assembly refused is a dead letter, and is delivered by its retry', async () => {
  await world.assemblyFails({ kind: 'status', status: 422, path_contains: '/accounts', count: 1 });
  world.rows(rows.map((row) => (row.id === 9 ? { ...row, plan: 'Enterprise' } : row)));
  await assert.rejects(world.verb('backfill', 'billing'), { code: 1 });
  await open('/');
  await page.getByRole('link', { name: '1 dead letter' }).click();
  await page.getByRole('region', { name: 'Dead letters', exact: true }).getByRole('link').first().click();
  await page.getByRole('heading', { name: /^Dead letter/ }).waitFor();
  await page.getByText('422').first().waitFor();
  const sends = page.locator('[data-live="would-send"]');
  await sends.getByText('Enterprise').first().waitFor();
  await shot('dead-letter');
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await page.getByRole('status').waitFor();
  await world.until(async () => {
    const { dead, notices } = await world.status();
    return dead === 0 && notices.delivered === ROWS + 1;
  }, 'the delivery of what was dead');
  const account = (await world.accounts()).find(({ domain }) => domain === 'company-9.test');
  assert.match(JSON.stringify(account), /Enterprise/);
  await open('/dead');
  await page.getByText('No dead letter waits for you.').waitFor();
  clean();
});

test('a search leads to the entity: its values, where they came from, its history', async () => {
  world.rows(rows.map((row) => ([3, 9].includes(row.id) ? { ...row, plan: 'Enterprise' } : row)));
  await world.verb('backfill', 'billing');
  await world.until(async () => (await world.status()).notices.delivered === ROWS + 2, 'the change');
  await open('/');
  await page.getByLabel('Search entities').fill('Company 3');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Company 3', exact: true }).waitFor();
  const values = page.getByRole('region', { name: 'Values and where each came from' });
  await values.getByText('plan', { exact: false }).first().waitFor();
  const history = page.getByRole('region', { name: 'History' });
  await history.getByText('Enterprise').waitFor();
  await history.getByText('Solo').first().waitFor();
  await shot('entity');
  clean();
});

test('a webhook that nobody signed lies in quarantine until it is dropped', async () => {
  const answer = await fetch(`${world.webhooks}/hooks/product/logins`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: '1' }),
  });
  assert.notEqual(answer.status, 200);
  await world.until(async () => (await world.status()).quarantine === 1, 'the quarantine');
  await open('/quarantine');
  await page.getByRole('region', { name: 'Webhooks in quarantine' }).getByRole('link').first().click();
  await page.getByRole('button', { name: 'Drop' }).click();
  await page.getByText('The quarantine is empty.').waitFor();
  assert.equal((await world.status()).quarantine, 0);
  clean();
});

const PAGES = ['/', '/tail', '/search?q=Company', '/entities/1', '/records?object=billing.customers&id=7', '/runs',
  '/runs/1', '/dead', '/holds', '/quarantine', '/config', '/config/1', '/workbench?object=billing.customers&id=3', '/nowhere'];

for (const scheme of ['light', 'dark']) {
  for (const [device, size] of [['desktop', DESKTOP], ['phone', PHONE]]) {
    test(`axe finds nothing serious: ${scheme}, ${device}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(size);
      browser.expects = /status of 404/;
      for (const path of PAGES) {
        await open(path);
        assert.deepEqual(await browser.findings(), [], path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= size.width, `${path} scrolls sideways: ${wide} of ${size.width}`);
        const cut = await page.evaluate(() => [...document.querySelectorAll('.wide')]
          .filter((table) => table.scrollWidth > table.clientWidth)
          .map((table) => table.getAttribute('aria-label')));
        assert.deepEqual(cut, [], `tables of ${path} scroll sideways`);
      }
      browser.expects = undefined;
      await open('/');
      await shot(`overview-${scheme}-${device}`);
      clean();
    });
  }
}

test('on a phone a row is a card that names its columns', async () => {
  await page.setViewportSize(PHONE);
  await open('/entities/1');
  const values = page.getByRole('region', { name: 'Values and where each came from' });
  const row = values.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'domain' }) });
  const cells = row.getByRole('cell');
  assert.deepEqual(
    await cells.evaluateAll((all) => all.map((cell) => getComputedStyle(cell, '::before').content)),
    ['"In Assembly"', '"Rule"', '"Came from"', '"Sent"'],
  );
  for (const cell of await cells.all()) {
    const { x, width } = await cell.boundingBox();
    assert.ok(x >= 0 && x + width <= PHONE.width, 'a cell beyond the edge');
  }
  const { height } = await page.getByRole('banner').boundingBox();
  assert.ok(height < 200, `the menu takes ${height}`);
  await open('/runs');
  const pause = await page.getByRole('button', { name: 'Pause' }).boundingBox();
  const table = await page.getByRole('region', { name: 'Runs' }).boundingBox();
  assert.ok(table.y - pause.y - pause.height >= 4, 'the button touches the table');
  clean();
});

test('everything is reached without a mouse', async () => {
  await page.setViewportSize(DESKTOP);
  await open('/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await open('/');
  const reached = new Set();
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  for (const name of ['Live tail', 'Runs', 'Workbench', 'Log out']) assert.ok([...reached].some((one) => one.startsWith(name)), name);
  clean();
});

test('logging out ends the session', async () => {
  await open('/');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${world.admin}/login`);
  await open('/dead');
  assert.match(page.url(), /\/login/);
  clean();
});
