/** A door in the course of things that a test may hold shut, to see what lies before it. */
export class Gate {
  #waiting = new Set<() => void>();
  #shut = false;

  shut() {
    this.#shut = true;
  }

  open() {
    this.#shut = false;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  async through(): Promise<void> {
    while (this.#shut) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}
