import type { Sample, ServedProof, SmokeReport, Warrant } from '../../domain/deploy/plan.ts';
import { own } from '../lib/own.ts';
import type { Seals } from '../lib/seals.ts';
import { sealSamples, sealServed, sealSmoke } from './evidence.ts';
import type { Input } from './guard-types.ts';
import { refused } from './warrant.ts';

/**
 * The steps that make a build or a version. The value is the name of a field. This field has the id
 * of the build or version, in the result of the step and in the input of later steps.
 */
const makers: Record<string, string> = {
  pickDeployment: 'id',
  uploadVersion: 'id',
  adoptBuild: 'buildId',
};
/**
 * The steps that make a build or a version live, or that send requests to its own address. The
 * value is the step that made this build or version.
 */
const users: Record<string, string> = {
  awaitDeployment: 'pickDeployment',
  smokeDeployment: 'pickDeployment',
  proveProduction: 'pickDeployment',
  smokeVersion: 'uploadVersion',
  holdShare: 'uploadVersion',
  promoteDeployment: 'pickDeployment',
  shareTraffic: 'uploadVersion',
  setTriggers: 'uploadVersion',
  deployBuild: 'adoptBuild',
};

const madeBody = ({ deploy, runId }: Warrant, maker: string, id: unknown) => ({
  deployId: deploy.deployId,
  runId,
  maker,
  id,
});

/** `startedAt`: the time at which the activity began, in epoch milliseconds. */
type Done = { name: string; input: Input; result: unknown; startedAt: number };

/** Adds a seal to a result that proves something to a later activity. */
export function withSeal(
  seals: Seals,
  warrant: Warrant,
  { name, input, result, startedAt: began }: Done,
): unknown {
  if (name === 'runSmoke') return sealSmoke(seals, warrant, result as SmokeReport);
  if (name === 'proveServed') {
    const at = new Date(began).toISOString();
    return sealServed(seals, warrant, { ...(result as ServedProof), at });
  }
  if (name === 'takeSamples') {
    const { startedAt, earlier } = input as { startedAt: number; earlier: unknown[] };
    const samples = result as Sample[];
    return sealSamples(seals, warrant, { startedAt, from: earlier.length, samples });
  }
  const field = own(makers, name);
  if (field === undefined) return result;
  const made = seals.seal('evidence', madeBody(warrant, name, (result as Input)[field]));
  return { ...(result as Input), made };
}

export function isMade(
  seals: Seals,
  warrant: Warrant,
  { name, input }: { name: string; input: Input },
) {
  const maker = own(users, name);
  if (maker === undefined) return;
  const id = input[makers[maker] ?? 'id'];
  const why = seals.whyInvalid('evidence', madeBody(warrant, maker, id), input['made']);
  if (why) throw refused(`${String(id).slice(0, 80)} is not the build of this deploy: ${why}`);
}
