// The texts below are parts of sentences. They are about a workflow that holds the lock of a place
// but is not a deploy.

type Holder = { type: string; taskQueue: string };

export const noDeploy = ({ type }: Holder) => `its type is ${JSON.stringify(type)}, not "deploy"`;

export const unknownRun = ({ taskQueue }: Holder) =>
  `its queue ${JSON.stringify(taskQueue)} is not the queue of this worker, and the ledger does not know it as a deploy`;
