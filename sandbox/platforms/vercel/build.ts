import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded } from '../vps/guard.ts';
import type { Guarded } from '../vps/guard.ts';
import { checkOut } from '../../check-out.ts';
import type { Site } from './site.ts';
import type { BuildEvent, Deployment, Project, ReadyState } from './state.ts';

const running = new WeakMap<Deployment, Guarded>();

const say = ({ events }: Deployment, type: BuildEvent['type'], text: string, statusCode?: number) =>
  void events.push({
    type,
    at: Date.now(),
    text,
    ...(statusCode === undefined ? {} : { statusCode }),
  });

const become = (deployment: Deployment, state: ReadyState) => {
  deployment.state = state;
  if (state === 'BUILDING') deployment.buildingAt = Date.now();
  if (state === 'READY') deployment.readyAt = Date.now();
  say(deployment, 'deployment-state', state);
};

const over = ({ state }: Deployment) => ['CANCELED', 'ERROR', 'READY'].includes(state);

async function buildScript(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}');
  const { scripts } = JSON.parse(text) as { scripts?: Record<string, string> };
  return scripts?.build;
}

/**
 * Runs the build script of the commit. Its output becomes the events of the deployment. Returns the
 * exit code.
 */
async function run(deployment: Deployment, directory: string, script: string) {
  say(deployment, 'command', 'Running "npm run build"');
  const env = { ...deployment.env, CI: '1', VERCEL: '1' };
  const child = startGuarded(['/bin/sh', '-c', script], { cwd: directory, env });
  running.set(deployment, child);
  const read = (['stdout', 'stderr'] as const).map(async (stream) => {
    for await (const line of createInterface({ input: child[stream] }))
      say(deployment, stream, line);
  });
  const { code } = await child.ended;
  await Promise.all(read);
  running.delete(deployment);
  return code ?? 1;
}

function fail(deployment: Deployment, code: number) {
  const message = `Command "npm run build" exited with ${code}`;
  say(deployment, 'stderr', `Error: ${message}`);
  say(deployment, 'exit', '', code);
  deployment.error = { code: 'BUILD_UTILS_SPAWN_1', message };
  become(deployment, 'ERROR');
}

/**
 * Builds a deployment. The state becomes INITIALIZING, then BUILDING, then READY or ERROR. If the
 * deployment is cancelled, the build stops.
 */
export async function build(site: Site, project: Project, deployment: Deployment): Promise<void> {
  const pace = () => delay(site.paceMs, undefined, { signal: site.closing });
  await project.builds.through();
  if (over(deployment)) return;
  become(deployment, 'INITIALIZING');
  await pace();
  if (over(deployment)) return;
  become(deployment, 'BUILDING');
  const directory = join(site.directory, deployment.id, deployment.sha);
  await checkOut(site.repositories.path(project.repository), deployment.sha, directory);
  const script = await buildScript(directory);
  const code = script === undefined ? 0 : await run(deployment, directory, script);
  await pace();
  if (over(deployment)) return;
  if (code !== 0) return fail(deployment, code);
  say(deployment, 'stdout', 'Build Completed');
  deployment.site.serve(directory, deployment.env);
  become(deployment, 'READY');
}

/** Kills the processes of the build at once. The reported state does not change. */
export const killBuild = (deployment: Deployment) => running.get(deployment)?.kill();

export function cancelBuild(deployment: Deployment) {
  become(deployment, 'CANCELED');
  killBuild(deployment);
}
