export type Lang = 'vi' | 'en'

const locale = { vi: 'vi-VN', en: 'en-GB' }
const zone = 'Asia/Ho_Chi_Minh'

/** Makes a formatter once for each set of options: they cost more than what they write. */
function kept<A extends (string | number | boolean)[], F>(make: (...args: A) => F): (...args: A) => F {
  const all = new Map<string, F>()
  return (...args) => {
    const key = args.join('|')
    let f = all.get(key)
    if (!f) all.set(key, (f = make(...args)))
    return f
  }
}

const numbers = kept(
  (decimals: number, lang: Lang) => new Intl.NumberFormat(locale[lang], { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
)
const times = kept(
  (lang: Lang, seconds: boolean) =>
    new Intl.DateTimeFormat(locale[lang], { timeZone: zone, hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' as const } : {}), hourCycle: 'h23' }),
)
const days = kept(
  (lang: Lang) => new Intl.DateTimeFormat(locale[lang], { timeZone: zone, weekday: 'long', day: '2-digit', month: '2-digit', year: 'numeric' }),
)
const dates = kept((lang: Lang) => new Intl.DateTimeFormat(locale[lang], { timeZone: zone, day: '2-digit', month: '2-digit' }))
const months = kept((lang: Lang) => new Intl.DateTimeFormat(locale[lang], { timeZone: zone, month: '2-digit', year: 'numeric' }))

/** A number with its decimals, as the language writes it: 1.234,5 in Vietnamese. */
export function number(value: number, decimals: number, lang: Lang): string {
  return numbers(decimals, lang).format(value)
}

/** The time of day in Binh Phuoc. */
export function time(at: Date, lang: Lang, seconds = true): string {
  return times(lang, seconds).format(at)
}

/** The day in Binh Phuoc, with the name of the weekday. */
export function day(at: Date, lang: Lang): string {
  return days(lang).format(at)
}

/** Day and month in Binh Phuoc. */
export function date(at: Date, lang: Lang): string {
  return dates(lang).formatToParts(at).filter((p) => p.type !== 'literal').map((p) => p.value).join('/')
}

/** Month and year in Binh Phuoc, as 12/2025. */
export function month(at: Date, lang: Lang): string {
  return months(lang).formatToParts(at).filter((p) => p.type !== 'literal').map((p) => p.value).join('/')
}

/** When an event was: the time of day, and the date as well when that is not today. */
export function moment(at: Date, now: Date, lang: Lang): string {
  return date(at, lang) === date(now, lang) && now.getTime() - at.getTime() < 86_400_000 ? time(at, lang) : `${time(at, lang, false)} ${date(at, lang)}`
}
