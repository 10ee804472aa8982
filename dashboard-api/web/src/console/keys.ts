import { type Tab, tabs } from './route'

export type Command =
  | { do: 'move'; by: number }
  | { do: 'open' | 'close' | 'search' | 'help' | 'mute' | 'duty' | 'acknowledge' | 'assign' | 'shelve' | 'end' }
  | { do: 'tab'; tab: Tab }

interface Press {
  key: string
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
}

/** What a key asks for, if anything. In a field only Escape does: everything else is typed. */
export function command(e: Press, typing: boolean): Command | null {
  if (e.ctrlKey || e.altKey || e.metaKey) return null
  if (e.key === 'Escape') return { do: 'close' }
  if (typing) return null
  switch (e.key) {
    case 'j':
    case 'ArrowDown':
      return { do: 'move', by: 1 }
    case 'k':
    case 'ArrowUp':
      return { do: 'move', by: -1 }
    case 'o':
      return { do: 'open' }
    case '/':
      return { do: 'search' }
    case '?':
      return { do: 'help' }
    case 'm':
      return { do: 'mute' }
    case 'n':
      return { do: 'duty' }
    case 'a':
      return { do: 'acknowledge' }
    case 'g':
      return { do: 'assign' }
    case 's':
      return { do: 'shelve' }
    case 'x':
      return { do: 'end' }
  }
  const tab = tabs[Number(e.key) - 1]
  return /^[1-9]$/.test(e.key) && tab ? { do: 'tab', tab } : null
}
