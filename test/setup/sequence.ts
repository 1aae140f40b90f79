import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/**
 * The projects in the order in which their files start. Files that wait for minutes start first, so
 * that the other files use the processors meanwhile.
 */
const order = ['e2e', 'workflows', 'alone', 'unit', 'nightly'];

/** Sorts the files by project, see `order`. In each project, the file that took longest is first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project }: TestSpecification) => order.indexOf(project.name);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
