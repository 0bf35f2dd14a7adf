import { PatchlineChat } from './element';

// "https://chat.example.org/patchline.js" -> "https://chat.example.org"
PatchlineChat.home = import.meta.url.replace(/\/[^/]*$/, '');
if (!customElements.get('patchline-chat')) customElements.define('patchline-chat', PatchlineChat);
