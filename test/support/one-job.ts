// Runs one job as a worker does. Usage: node one-job.ts ORDER, with the JSON of builds and job.
import { createBuilder } from '../../activities/builds/builder.ts';
import type { Job } from '../../activities/builds/job.ts';
import type { Builds } from '../../domain/config/builds.ts';

const { builds, job } = JSON.parse(process.argv[2] ?? '') as { builds: Builds; job: Job };
await createBuilder(builds).run(job);
