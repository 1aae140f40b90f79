import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FleetProject } from '../sandbox/fleet/fleet.ts';
import type { Stack } from '../sandbox/fleet/stack.ts';
import { median } from './row.ts';

const run = promisify(execFile);
const runs = 3;

/**
 * The time of a deploy by hand, without an orchestrator. `what` names its steps. `ms` is the median
 * of three runs.
 */
export type Bare = { what: string; ms: number };

const script = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));

const projectIn = ({ fleet }: Stack, project: string): FleetProject => {
  const fleetProject = fleet.fleetProjects.find(({ name }) => name === project);
  if (!fleetProject) throw new Error(`The fleet has no project ${project}`);
  return fleetProject;
};

/** Deploys `one-host` of the sandbox by hand, from a clone in `directory`. */
export async function bareHost(stack: Stack, directory: string): Promise<Bare> {
  const fleetProject = projectIn(stack, 'one-host');
  const [host] = fleetProject.hosts;
  if (!host) throw new Error(`The project ${fleetProject.name} has no host`);
  const user = host.address.split(':')[0] ?? '';
  const where = [user, String(host.sshPort), host.clientKeyPath, host.directory, host.unit];
  const rest = [...where, `${host.url}/version`];
  const what = 'git push, ssh, restart, served';
  return {
    what,
    ms: await timed(stack, fleetProject, { directory, script: 'bare-deploy.sh', rest }),
  };
}

/** Deploys `at-vercel` of the sandbox by hand, from a clone in `directory`. */
export async function bareVercel(stack: Stack, directory: string): Promise<Bare> {
  const { vercel, tokens } = stack.fleet.sandbox;
  const fleetProject = projectIn(stack, 'at-vercel');
  if (!vercel || !tokens.vercel) throw new Error('The sandbox has no Vercel');
  const { slug } = vercel.team;
  const project = `${vercel.address}/v9/projects/${fleetProject.name}?slug=${slug}`;
  const authorization = `Bearer ${tokens.vercel}`;
  const answer = await fetch(project, { headers: { authorization } });
  if (!answer.ok)
    throw new Error(`Vercel refused the request for ${fleetProject.name} (${answer.status})`);
  const { id } = (await answer.json()) as { id: string };
  const [url] = vercel.origins(fleetProject.name);
  const rest = [vercel.address, tokens.vercel, id, `${url}/version`, slug];
  const what = 'git push, poll, promote, served';
  return {
    what,
    ms: await timed(stack, fleetProject, { directory, script: 'bare-vercel.sh', rest }),
  };
}

/** Deploys `at-cloudflare` of the sandbox by hand, from a clone in `directory`. */
export async function bareWrangler(stack: Stack, directory: string): Promise<Bare> {
  const { cloudflare, tokens } = stack.fleet.sandbox;
  const fleetProject = projectIn(stack, 'at-cloudflare');
  if (!cloudflare || !tokens.cloudflare) throw new Error('The sandbox has no Cloudflare');
  const env = {
    CLOUDFLARE_API_BASE_URL: cloudflare.api,
    CLOUDFLARE_ACCOUNT_ID: cloudflare.account,
    CLOUDFLARE_API_TOKEN: tokens.cloudflare,
    WRANGLER_SEND_METRICS: 'false',
  };
  const wrangler = fileURLToPath(new URL('../node_modules/.bin/wrangler', import.meta.url));
  const rest = [
    `workers/${fleetProject.name}`,
    wrangler,
    `${cloudflare.url(fleetProject.name)}/version`,
  ];
  const how = { directory, script: 'bare-wrangler.sh', rest, env };
  return { what: 'wrangler deploy, served', ms: await timed(stack, fleetProject, how) };
}

type How = {
  directory: string;
  script: string;
  rest: string[];
  env?: Record<string, string>;
};

/**
 * Runs `how.script` three times and returns the median time in milliseconds. The arguments of the
 * script are a clone, a new commit, the URL to push to, and then `how.rest`.
 */
async function timed({ fleet }: Stack, fleetProject: FleetProject, how: How): Promise<number> {
  const url = new URL(fleet.sandbox.git.url(fleetProject.repository));
  Object.assign(url, { username: 'x-access-token', password: fleet.sandbox.tokens.github });
  const clone = join(how.directory, `clone-of-${fleetProject.name}`);
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
