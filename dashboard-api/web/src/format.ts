export type Lang = 'vi' | 'en'

const locale = { vi: 'vi-VN', en: 'en-GB' }
const zone = 'Asia/Ho_Chi_Minh'

/** A number with its decimals, as the language writes it: 1.234,5 in Vietnamese. */
export function number(value: number, decimals: number, lang: Lang): string {
  return new Intl.NumberFormat(locale[lang], { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)
}

/** The time of day in Binh Phuoc. */
export function time(at: Date, lang: Lang, seconds = true): string {
  return new Intl.DateTimeFormat(locale[lang], {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(at)
}

/** The day in Binh Phuoc, with the name of the weekday. */
export function day(at: Date, lang: Lang): string {
  return new Intl.DateTimeFormat(locale[lang], { timeZone: zone, weekday: 'long', day: '2-digit', month: '2-digit', year: 'numeric' }).format(at)
}

/** When an event was: the time of day, and the date as well when that is not today. */
export function moment(at: Date, now: Date, lang: Lang): string {
  const date = (d: Date) => new Intl.DateTimeFormat(locale[lang], { timeZone: zone, day: '2-digit', month: '2-digit' }).format(d)
  return date(at) === date(now) && now.getTime() - at.getTime() < 86_400_000 ? time(at, lang) : `${time(at, lang, false)} ${date(at)}`
}
