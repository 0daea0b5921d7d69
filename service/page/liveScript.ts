/**
 * The pages' own script. What changes comes from the service as finished markup by the id of its place; inserted in this way, a script in it
 * would not run, and the page's policy lets none run either. Without it, pages show what there is and have a link to load them again.
 */
export const LIVE_SCRIPT = `
const live = document.getElementById("main").dataset.live;
const put = ({ id, into, html }) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  const made = template.content.firstElementChild;
  const old = document.getElementById(id);
  if (old === null) {
    const place = document.getElementById(into);
    if (place === null) return;
    const atEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 20;
    place.append(made);
    while (place.classList.contains("lines") && place.children.length > 2000) place.firstElementChild.remove();
    if (atEnd) place.scrollTop = place.scrollHeight;
    return;
  }
  const hadFocus = old.contains(document.activeElement);
  old.replaceChildren(...made.childNodes);
  old.querySelectorAll(".filtered").forEach(searchIn);
  if (hadFocus && !old.contains(document.activeElement)) document.getElementById("main").focus();
};
const seconds = (from) => Math.max(0, Math.round((Date.now() - new Date(from).getTime()) / 1000));
const words = (all) => (all >= 60 ? Math.floor(all / 60) + " min " : "") + (all % 60) + " s";
const tick = () => {
  for (const each of document.querySelectorAll("[data-since]")) each.textContent = words(seconds(each.dataset.since));
};
if (live !== undefined) {
  const lost = document.getElementById("lost");
  const source = new EventSource(live);
  const timer = setInterval(tick, 1000);
  const stop = () => {
    source.close();
    clearInterval(timer);
  };
  tick();
  source.addEventListener("put", ({ data }) => {
    JSON.parse(data).forEach(put);
    tick();
  });
  source.addEventListener("end", ({ data }) => {
    stop();
    const { title, parts } = JSON.parse(data);
    document.title = title;
    parts.forEach(put);
  });
  source.addEventListener("open", () => (lost.textContent = ""));
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    stop();
    lost.textContent = "The service does not tell this page any more how it goes on. Load it again.";
  });
  for (const each of document.querySelectorAll(".reload")) each.hidden = true;
}
`;
