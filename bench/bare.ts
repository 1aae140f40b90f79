import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Ship } from '../sandbox/fleet.ts';
import type { Stack } from '../sandbox/stack.ts';
import { median } from './row.ts';

const run = promisify(execFile);
const runs = 3;

/** What a person does without an orchestrator, on the same machines; the middle of three runs. */
export type Bare = { what: string; ms: number };

const script = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));

const shipOf = ({ fleet }: Stack, project: string): Ship => {
  const ship = fleet.ships.find(({ name }) => name === project);
  if (!ship) throw new Error(`no ${project} in the fleet`);
  return ship;
};

/** In `directory`, which gets a clone; `one-host` of the fleet. */
export async function bareHost(stack: Stack, directory: string): Promise<Bare> {
  const ship = shipOf(stack, 'one-host');
  const [host] = ship.hosts;
  if (!host) throw new Error(`${ship.name} has no host`);
  const user = host.address.split(':')[0] ?? '';
  const where = [user, String(host.sshPort), host.clientKeyPath, host.directory, host.unit];
  const rest = [...where, `${host.url}/version`];
  const what = 'git push, ssh, restart, served';
  return { what, ms: await timed(stack, ship, { directory, script: 'bare-deploy.sh', rest }) };
}

/** In `directory`, which gets a clone; `at-vercel` of the fleet. */
export async function bareVercel(stack: Stack, directory: string): Promise<Bare> {
  const { vercel, tokens } = stack.fleet.sandbox;
  const ship = shipOf(stack, 'at-vercel');
  if (!vercel || !tokens.vercel) throw new Error('the sandbox has no Vercel');
  const { slug } = vercel.team;
  const project = `${vercel.address}/v9/projects/${ship.name}?slug=${slug}`;
  const authorization = `Bearer ${tokens.vercel}`;
  const answer = await fetch(project, { headers: { authorization } });
  if (!answer.ok) throw new Error(`Vercel answers ${answer.status} for ${ship.name}`);
  const { id } = (await answer.json()) as { id: string };
  const [url] = vercel.origins(ship.name);
  const rest = [vercel.address, tokens.vercel, id, `${url}/version`, slug];
  const what = 'git push, poll, promote, served';
  return { what, ms: await timed(stack, ship, { directory, script: 'bare-vercel.sh', rest }) };
}

/** In `directory`, which gets a clone; `at-cloudflare` of the fleet. */
export async function bareWrangler(stack: Stack, directory: string): Promise<Bare> {
  const { cloudflare, tokens } = stack.fleet.sandbox;
  const ship = shipOf(stack, 'at-cloudflare');
  if (!cloudflare || !tokens.cloudflare) throw new Error('the sandbox has no Cloudflare');
  const env = {
    CLOUDFLARE_API_BASE_URL: cloudflare.api,
    CLOUDFLARE_ACCOUNT_ID: cloudflare.account,
    CLOUDFLARE_API_TOKEN: tokens.cloudflare,
    WRANGLER_SEND_METRICS: 'false',
  };
  const wrangler = fileURLToPath(new URL('../node_modules/.bin/wrangler', import.meta.url));
  const rest = [`workers/${ship.name}`, wrangler, `${cloudflare.url(ship.name)}/version`];
  const how = { directory, script: 'bare-wrangler.sh', rest, env };
  return { what: 'wrangler deploy, served', ms: await timed(stack, ship, how) };
}

type How = {
  directory: string;
  script: string;
  rest: string[];
  env?: Record<string, string>;
};

/** The script gets a clone, a new commit and where to push it, and then `rest`. */
async function timed({ fleet }: Stack, ship: Ship, how: How): Promise<number> {
  const url = new URL(fleet.sandbox.git.url(ship.repository));
  Object.assign(url, { username: 'x-access-token', password: fleet.sandbox.tokens.github });
  const clone = join(how.directory, `clone-of-${ship.name}`);
  await run('git', ['clone', '--quiet', url.href, clone]);
  const git = (...args: string[]) => run('git', ['-C', clone, ...args]);
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const who = ['-c', 'user.name=Casey', '-c', 'user.email=casey@example.com'];
    await git(...who, 'commit', '--quiet', '--allow-empty', '-m', `bare ${index}`);
    const sha = (await git('rev-parse', 'HEAD')).stdout.trim();
    const from = performance.now();
    const env = { ...process.env, ...how.env };
    await run('sh', [script(how.script), clone, sha, url.href, ...how.rest], { env });
    times.push(performance.now() - from);
  }
  return median(times);
}
