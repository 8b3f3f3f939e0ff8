import { config } from 'zod'

// The page's content security policy forbids eval, so zod must not compile its parsers. It decides that when a
// schema is made, hence the program itself is loaded only afterwards.
config({ jitless: true })
void import('./start.ts')
