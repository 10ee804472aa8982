import { describe, expect, it } from 'vitest'

import { day, moment, number, time } from '../src/format'

describe('numbers', () => {
  it.each([
    [1234.5, 1, 'vi', '1.234,5'],
    [1123, 0, 'vi', '1.123'],
    [1234.5, 1, 'en', '1,234.5'],
    [0, 1, 'vi', '0,0'],
    [-3.14159, 2, 'vi', '-3,14'],
  ] as const)('%s with %s decimals in %s is %s', (value, decimals, lang, want) => {
    expect(number(value, decimals, lang)).toBe(want)
  })
})

describe('times', () => {
  const at = new Date('2026-11-22T17:05:09Z') // five past midnight on the 23rd in Binh Phuoc
  it('are those of Binh Phuoc', () => {
    expect(time(at, 'vi')).toBe('00:05:09')
    expect(day(at, 'vi').toLowerCase()).toContain('thứ hai')
    expect(day(at, 'vi')).toContain('23')
  })
  it('tell the date when they are not of today', () => {
    expect(moment(at, new Date('2026-11-23T05:00:00Z'), 'vi')).toBe('00:05:09')
    expect(moment(at, new Date('2026-11-24T05:00:00Z'), 'vi')).toMatch(/^00:05 23[/-]11$/)
  })
})
