import type { EndedDeploy } from '../contract/activities.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { AftermathReport, Plan } from '../deploy/plan.ts';
import { clean } from './parts/clean.ts';
import { short } from './parts/served.ts';

/** Returns the line about the workflow `aftermath` in the list of the Web UI. */
export const aftermathSummary = ({ project, environment }: Plan) =>
  `follow-up of the rollback of ${project} ${environment}`;

export const noDiagnosis = (why: string) => `no diagnosis: ${why}`;

export const mustRevert = ({ branch }: Plan, why: string) =>
  `a person must revert ${branch}: ${why}`;

export const issuesLeft = (why: string) =>
  `Work is left to do: issues were not reopened. Reason: ${why}`;

/** Returns the message to #incidents. The Web UI shows the same text. */
export const aftermathNote = (
  { plan, cause, outcome }: EndedDeploy,
  report: Pick<AftermathReport, 'diagnosis' | 'revertNote'>,
) =>
  [
    `${plan.project} ${plan.environment} ${short(plan.sha)} ended ${outcome}: ${clean(cause.detail)}`,
    `Cause: ${report.diagnosis?.cause ?? 'unknown'}. ${plan.branch}: ${clean(report.revertNote)}`,
    `Post-mortem draft, due in 24 h: ${plimsoll} incidents incident-${plan.deployId}`,
  ].join('\n');

export const slackNotNotified = (text: string, why: string) =>
  `${text}\nThis message could not be sent to Slack: ${why}`;
