/**
 * Has the site's service worker (service-worker.js) stand behind the page: it answers when there is no
 * network, and supplies the headers that shared memory needs where the host sends none. For those the
 * page is loaded once more, as soon as the worker answers for it.
 */
(() => {
  const calm = 3000, latest = 30_000; // ms
  const worker = navigator.serviceWorker;
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  if (!worker || !isSecureContext) return;
  const reload = () => {
    if (crossOriginIsolated || sessionStorage.getItem('portside:reloaded')) return;
    sessionStorage.setItem('portside:reloaded', 'yes');
    location.reload();
  };
  if (crossOriginIsolated) sessionStorage.removeItem('portside:reloaded');
  worker.addEventListener('controllerchange', reload);
  worker.register(new URL('service-worker.js', script.src)).catch((error) => console.info(`no service worker: ${error.message}`));
  // once the page has what it needs itself, which a lesson's says, the rest of the site is kept
  let asked = false;
  const keep = async () => {
    if (asked) return;
    asked = true;
    (await worker.ready).active?.postMessage('keep');
  };
  addEventListener('portside-rest', () => setTimeout(keep, calm));
  addEventListener('load', () => setTimeout(keep, document.querySelector('.bench') ? latest : calm));
})();
