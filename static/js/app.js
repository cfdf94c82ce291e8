// Starts the modules. Listeners sit on the document, so content that htmx swaps in needs no wiring;
// what must touch new content itself runs on htmx:load.
import { enhanceCombos } from "./combo.js";
import { listenForColumns } from "./columns.js";
import { listenForComposing } from "./composed.js";
import { listenForCopying } from "./copy.js";
import { listenForDialogs } from "./dialogs.js";
import { listenForDrops } from "./drop.js";
import { enhanceEntries, listenForEntries } from "./entries.js";
import { listenForJumps } from "./jump.js";
import { listenForKeys } from "./keys.js";
import { dropOutdated, showMessages, listenForMessages } from "./messages.js";
import { listenForDragging, listenForOrdering } from "./ordered.js";
import { listenForPeeks } from "./peek.js";
import { fixRequests } from "./requests.js";
import { listenForSelection, refreshSelections } from "./selection.js";
import { listenForTheme, showTheme } from "./theme-switch.js";

function ready(root) {
  showTheme(root);
  enhanceCombos(root);
  enhanceEntries(root);
  refreshSelections(root);
  dropOutdated();
  showMessages(root);
}

listenForTheme();
listenForKeys();
listenForDialogs();
listenForJumps();
listenForEntries();
listenForSelection();
listenForMessages();
listenForPeeks();
listenForOrdering();
listenForDragging();
listenForCopying();
listenForComposing();
listenForColumns();
listenForDrops();
fixRequests();
document.addEventListener("htmx:load", (event) => ready(event.target));
ready(document);
