// How long an operator waits in the console, from a click until what was asked for is painted: medians and the longest of RUNS clicks, in
// milliseconds, as JSON. Needs IOC_TEST_URL, a server that holds a month of data (go test ./cmd/ioc -bench Console starts one), and Chromium.
import { launch } from './browser.mjs'

const url = process.env.IOC_TEST_URL
const runs = Number(process.env.RUNS ?? 7)

const tab = (name) => [name, `.tabs a[href*="tab=${name}"]`, `section[data-list^="/api/v1/${name}"] tr[data-id]`]
const first = 'main tr[data-id] [data-row]'
/** What is clicked, and what is there when it is answered. Each step begins where the one before ended. */
const steps = [
  tab('cameras'),
  ['camera', first, '.panel .minutes'],
  tab('sensors'),
  ['sensor', first, '.panel .minutes'],
  ['sensors/silent', '.states [data-state=silent]', 'section[data-list*="state=silent"] tr[data-id]'],
  tab('tickets'),
  ['tickets/overdue', '.states [data-state=overdue]', 'section[data-list*="overdue=true"] tr[data-id]'],
  ['ticket', first, '.panel dd'],
  ['map', '.tabs a[href*="tab=map"]', '.point'],
]

/** Clicks, and waits for the answer to be painted. Runs in the page. */
async function click([selector, answer]) {
  const frame = () => new Promise(requestAnimationFrame)
  const began = performance.now()
  document.querySelector(selector).click()
  while (!document.querySelector(answer)) {
    await frame()
    if (performance.now() - began > 20_000) throw new Error(`no ${answer} after a click on ${selector}`)
  }
  await frame()
  await frame()
  return performance.now() - began
}

const browser = await launch()
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const took = {}
  for (let run = 0; run <= runs; run++) {
    await page.goto(`${url}/console?tab=feeds`)
    await page.locator('main tr[data-id]').first().waitFor()
    for (const [name, selector, answer] of steps) {
      await page.locator(selector).first().waitFor()
      const ms = await page.evaluate(click, [selector, answer])
      if (run > 0) (took[name] ??= []).push(ms) // the first round is warm-up
      await page.waitForTimeout(300)
    }
  }
  console.log(JSON.stringify(Object.fromEntries(Object.entries(took).map(([name, list]) => {
    list.sort((a, b) => a - b)
    return [name, { median: Math.round(list[list.length >> 1]), longest: Math.round(list.at(-1)) }]
  }))))
} finally {
  await browser.close()
}
