import type { GateSubject } from '../../domain/contract/activities.ts';
import { isDeploymentRun, noOwnFacts } from '../../domain/gates/own-checks.ts';
import type { OwnFacts } from '../../domain/gates/own-checks.ts';
import { failedChecks } from '../../domain/gates/tests.ts';
import type { TestFacts } from '../../domain/gates/tests.ts';
import type { Project } from '../../domain/config/config.ts';
import { buildChecksOf } from '../../domain/platforms/index.ts';
import type { GitHub } from '../github/github.ts';

type Source = { github: GitHub | null; plan: GateSubject; project: Project };

/**
 * Reads which checks belong to this deploy. Asks GitHub for the jobs of the CI run that
 * requested the deploy. If a check failed, or a ruleset requires a workflow, also asks for the
 * workflow runs of the commit.
 */
export async function readOwn(
  { github, plan, project }: Source,
  facts: TestFacts,
): Promise<OwnFacts> {
  const { ci, github: repository, sha } = plan;
  const own: OwnFacts = {
    ...noOwnFacts,
    deployJobs: project.tests.deployJobs ?? {},
    platformChecks: Object.values(project.environments).flatMap(buildChecksOf),
  };
  if (!github || !repository) return own;
  if (ci && ci.repository.toLowerCase() === repository.toLowerCase()) {
    own.ci = ci;
    const jobs = await github.jobsOf(repository, sha, ci.run);
    if ('found' in jobs) own.jobs = jobs.found;
    else own.unavailable = [`the jobs of run ${ci.run}: ${jobs.unavailable}`];
  }
  const failed = failedChecks({ ...facts, own });
  if (failed.length === 0 && (facts.workflows ?? []).length === 0) return own;
  const runs = await github.runsOf(repository, sha);
  if (!('found' in runs)) {
    const unavailable = [...own.unavailable, `the workflow runs: ${runs.unavailable}`];
    return { ...own, unavailable };
  }
  const ofDeployments = runs.found.filter(isDeploymentRun);
  const fits = ofDeployments.some(({ suite }) => failed.some((one) => one.suite === suite));
  return {
    ...own,
    runs: runs.found,
    onlyOwnDeployments: fits && (await github.hasOnlyOwnDeployments(repository, sha)),
  };
}
