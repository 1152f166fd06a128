/** The table of contents: marks what is done. */
import { all, make, one } from './dom.js';
import { openHeader } from './header.js';
import { Progress } from './progress.js';
import { store } from './store.js';
import { texts } from './texts.js';

/** The way back to where the learner was. */
function showResume() {
  const resume = one('#resume');
  try {
    const { path, title, bench } = JSON.parse(store.getItem('portside:last') ?? '');
    const link = document.createElement('a');
    link.textContent = title;
    link.href = `${path}?bench=${encodeURIComponent(bench)}`;
    if (!/^lessons\/[\w/-]+\/(index\.html)?$/.test(path)) return;
    resume.replaceChildren(`${texts.resume} `, link);
    resume.hidden = false;
  } catch {
    // nowhere yet
  }
}

/** Shows how many exercises of a part are done, and of each of its lessons. @param {HTMLElement} part @param {Progress} progress */
function countPart(part, progress) {
  let done = 0, total = 0;
  for (const mark of all('.exercises-of', part)) {
    const exercises = (mark.dataset.exercises ?? '').split(' ').filter(Boolean);
    const here = exercises.filter((name) => progress.has(name)).length;
    done += here;
    total += exercises.length;
    mark.textContent = here === 0 ? texts.exercises(exercises.length) : texts.doneOf(here, exercises.length);
    mark.classList.toggle('done', here === exercises.length);
  }
  const whole = one('.part-progress', part);
  whole.textContent = texts.progress(done, total);
  whole.classList.toggle('done', done === total);
  whole.hidden = total === 0;
  return { done, total };
}

function show() {
  showResume();
  const progress = new Progress(() => store);
  let done = 0, total = 0;
  for (const part of all('.part')) {
    const counted = countPart(part, progress);
    done += counted.done;
    total += counted.total;
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

openHeader();
show();
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) show(); // back from a lesson
});
