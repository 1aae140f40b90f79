import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const at = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
const script = `
import { execa } from ${at('node_modules/execa/index.js')};
import { endOnSignal } from ${at('sandbox/end-on-signal.ts')};
endOnSignal(async () => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.stdout.write('closed\\n');
});
// Starts a command with execa, as the stand-ins start git. execa listens for signals too, to end
// its command together with this process.
void execa('sleep', ['20']).catch(() => {});
process.stdout.write('ready\\n');
`;

test.each(['SIGTERM', 'SIGINT'] as const)(
  'everything is closed by %s, also twice and while a command runs',
  async (signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said === 'ready\n') {
        child.kill(signal);
        child.kill(signal);
      }
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, said }).toEqual({
      code: signal === 'SIGTERM' ? 143 : 130,
      said: 'ready\nclosed\n',
    });
  },
);
