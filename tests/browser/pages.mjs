// Looks at every page that a server offers, as users do: on phone and desktop, light and dark, by keyboard.
// node pages.mjs URL CLIENT FOLDER; GET URL/list names the pages, CLIENT is the address of a client, pictures go to the folder.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';
import { VIEWS, check, withBrowser } from './browser.mjs';

const [url, client, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const validator = new HtmlValidate(new StaticConfigLoader({
  extends: ['html-validate:standard', 'html-validate:a11y'],
  rules: {
    // matters of taste
    'long-title': 'off',
    'no-trailing-whitespace': 'off',
    'tel-non-breaking': 'off',
  },
}));

await withBrowser(async browser => {
  const names = await (await fetch(`${url}/list`)).json();
  check('there are pages', names.length > 0);
  for (const name of names) await valid(name);
  for (const view of VIEWS) {
    const { width, height, colorScheme, isPhone } = view;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, isMobile: isPhone, hasTouch: isPhone });
    for (const name of names) await look(context, name, view);
    await context.close();
  }
  await forms(browser);
  await opener(browser);
});

async function valid(name) {
  const report = await validator.validateString(await (await fetch(`${url}/page/${name}`)).text());
  const messages = report.results.flatMap(result => result.messages);
  check(`${name} is valid HTML`, messages.length === 0, messages.map(m => `${m.line}: ${m.ruleId}: ${m.message}`).join('\n'));
}

async function look(context, name, view) {
  const how = `${view.width}-${view.colorScheme}`;
  const page = await context.newPage();
  const complaints = [];
  page.on('console', message => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('requestfailed', request => complaints.push(request.url()));
  // a page that opens another program is looked at as it is where that program does not open
  await page.route(`${url}/page/${name}`, async route => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, '') });
  });
  await page.goto(`${url}/page/${name}`);
  await page.screenshot({ path: `${folder}/${name}-${how}.png`, fullPage: true });
  check(`${name} ${how} loads all it needs`, complaints.length === 0, complaints.join('\n'));
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  check(`${name} ${how} fits the screen`, wide <= room, `${wide} > ${room}`);
  if (view.isJudged) await judge(page, `${name} ${how}`);
  await page.close();
}

async function judge(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { rules: { 'target-size': { enabled: true } } }));
  const problems = found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html}: ${node.failureSummary}`));
  check(`${what} is accessible`, problems.length === 0, problems.join('\n'));
  check(`${what} was judged`, found.passes.length > 10);
  await keyboard(page, what);
}

/** Every control is reached by keyboard, and it shows. */
async function keyboard(page, what) {
  const controls = 'a[href], button, input:not([type=hidden]):not([disabled]), summary, [tabindex="0"]';
  const wanted = await page.$$eval(controls, all => all.filter(one => one.checkVisibility({ contentVisibilityAuto: true })).length);
  const reached = new Set();
  // two more, since a page may begin in its middle, and after its end comes the browser itself
  for (let index = 0; index < wanted + 2; index += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const { activeElement: one } = document;
      const style = getComputedStyle(one);
      const { left, top } = one.getBoundingClientRect();
      return { key: `${one.tagName} ${left + scrollX} ${top + scrollY}`, outline: parseFloat(style.outlineWidth), style: style.outlineStyle };
    });
    if (focus.key.startsWith('BODY')) continue;
    reached.add(focus.key);
    check(`${what} shows where the focus is`, focus.style !== 'none' && focus.outline >= 2, focus.key);
  }
  check(`${what} is usable by keyboard`, reached.size === wanted, `${reached.size} of ${wanted}`);
}

/** A form of ours says where it comes from, and leads where its page lets it. */
async function forms(browser) {
  const page = await browser.newPage();
  await page.goto(`${url}/page/sign-in`);
  await page.fill('#key', 'a key');
  await page.click('button.primary');
  const said = JSON.parse(await page.textContent('body'));
  check('a form carries its origin', said.origin === new URL(url).origin, JSON.stringify(said));
  check('a form carries its fields', said.body.includes('key=a+key') && said.body.includes('csrf='), said.body);

  for (const decision of ['allow', 'deny']) {
    await page.goto(`${url}/page/consent`);
    await page.click(`button[value=${decision}]`);
    check(`consent leads to the client: ${decision}`, page.url().startsWith(client) && page.url().includes(decision), page.url());
  }

  await page.goto(`${url}/page/connections`);
  const refused = page.waitForEvent('console', message => message.text().includes('form-action'));
  await page.click('.cards button');
  await refused;
  check('other forms do not', page.url() === `${url}/page/connections`, page.url());
  await page.close();
}

/** A client that opens a window for consent still has it after. */
async function opener(browser) {
  const page = await browser.newPage();
  await page.goto(client);
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(at => { window.watched = window.open(at); }, `${url}/page/consent`)]);
  await popup.waitForLoadState();
  check('the window of the consent page keeps its opener', await popup.evaluate(() => window.opener !== null));
  check('the opener still sees it', await page.evaluate(() => !window.watched.closed));
  await page.close();
}
