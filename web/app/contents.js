/** The table of contents: marks what is done. */
import { all, make, one } from './dom.js';
import { Progress } from './progress.js';
import { texts } from './texts.js';

function show() {
  const progress = new Progress(() => localStorage);
  const names = (/** @type {HTMLElement} */ mark) => (mark.dataset.exercises ?? '').split(' ').filter(Boolean);
  let done = 0, total = 0;
  for (const mark of all('.exercises-of')) {
    const exercises = names(mark);
    const here = exercises.filter((name) => progress.has(name)).length;
    done += here;
    total += exercises.length;
    mark.textContent = here === 0 ? texts.exercises(exercises.length) : texts.doneOf(here, exercises.length);
    mark.classList.toggle('done', here === exercises.length);
  }
  const whole = one('#progress');
  if (total === 0) return;
  const bar = /** @type {HTMLProgressElement} */ (make('progress'));
  bar.max = total;
  bar.value = done;
  bar.setAttribute('aria-label', texts.exercisesDone);
  whole.replaceChildren(make('span', texts.progress(done, total)), bar);
  whole.hidden = false;
}

show();
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) show(); // back from a lesson
});
