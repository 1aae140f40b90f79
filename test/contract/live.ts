import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../worker/config/config.ts';
import { recordLive } from './record-live.ts';

const usage = `npm run contract:live [FILE]

It makes every read of a deploy at the real services and stores the answers in test/contract/fixtures,
without names, texts and secrets. It changes nothing. It needs
- a plimsoll.yaml (FILE, or ./plimsoll.yaml) that names the services: a project at Vercel, a Worker at
  Cloudflare, a service at Northflank, a repository at GitHub, a Slack workspace; each is optional;
- their tokens in the environment variables that this file names.`;

/** Runs the command. Returns its exit code and its output. */
export async function contractLive(
  [path = 'plimsoll.yaml']: readonly string[],
  env: NodeJS.ProcessEnv,
  directory = fileURLToPath(new URL('fixtures', import.meta.url)),
): Promise<{ code: number; text: string }> {
  const config = await loadConfig(path).catch((cause: unknown) => cause as Error);
  if (config instanceof Error) return { code: 1, text: `${usage}\n\n${config.message}` };
  const day = new Date().toISOString().slice(0, 10);
  const { lines, needs, stored } = await recordLive({ config, env, directory, day });
  if (needs.length > 0)
    return { code: 1, text: [...lines, usage, '', `Not set: ${needs.join(', ')}`].join('\n') };
  if (stored === 0) return { code: 1, text: `${usage}\n\n${path} names no such service.` };
  return {
    code: 0,
    text: [
      ...lines,
      '',
      `${stored} answers are stored in ${directory}. Read them before you commit them.`,
    ].join('\n'),
  };
}
