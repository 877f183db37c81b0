//! Colours a program sets, asks for and resets. Must not know how an engine works.

use super::answers;

#[test]
fn colours_are_set_asked_and_reset_in_the_pane_alone() {
    for (text, want) in [
        ("\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;?;2;?\x1b\\", "^]4;1;rgb:cdcd/0000/0000$^]4;2;rgb:0000/cdcd/0000$"),
        ("\x1b]4;1;rgb:12/34/56\x07\x1b]4;1;?\x07", "^]4;1;rgb:1212/3434/5656\x07"),
        ("\x1b]4;1;#abc;2;#a0b0c0\x07\x1b]4;1;?;2;?\x07", "^]4;1;rgb:a0a0/b0b0/c0c0\x07^]4;2;rgb:a0a0/b0b0/c0c0\x07"),
        ("\x1b]4;1;#fff\x07\x1b]104;1\x07\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;#fff\x07\x1b]104\x07\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;nonsense;300;?\x07\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]5;0;#102030\x07\x1b]5;0;?\x07\x1b]4;256;?\x07", "^]5;0;rgb:1010/2020/3030\x07^]4;256;rgb:1010/2020/3030\x07"),
        ("\x1b]4;257;#102030\x07\x1b]5;1;?\x07\x1b]105;1\x07\x1b]5;1;?\x07", "^]5;1;rgb:1010/2020/3030\x07^]5;1;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]5;1;#102030\x07\x1b]105\x07\x1b]5;1;?\x07", "^]5;1;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]10;?;?;?\x07", "^]10;rgb:d0d0/d0d0/d0d0\x07^]11;rgb:0000/0000/0000\x07^]12;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]10;#010203;#040506\x07\x1b]10;?;?\x07", "^]10;rgb:0101/0202/0303\x07^]11;rgb:0404/0505/0606\x07"),
        ("\x1b]11;#040506\x07\x1b]111\x07\x1b]11;?\x07", "^]11;rgb:0000/0000/0000\x07"),
        ("\x1b]12;#040506\x07\x1b]12;?\x07\x1b]112\x07\x1b]12;?\x07", "^]12;rgb:0404/0505/0606\x07^]12;rgb:d0d0/d0d0/d0d0\x07"),
        (
            "\x1b]17;#040506\x07\x1b]17;?;?\x07\x1b]117\x07\x1b]17;?\x07",
            "^]17;rgb:0404/0505/0606\x07^]18;rgb:d0d0/d0d0/d0d0\x07^]17;rgb:d0d0/d0d0/d0d0\x07",
        ),
        ("\x1b]13;?;?;?;?\x07", "^]13;rgb:d0d0/d0d0/d0d0\x07^]14;rgb:0000/0000/0000\x07^]15;rgb:d0d0/d0d0/d0d0\x07^]16;rgb:0000/0000/0000\x07"),
        ("\x1b]11;#040506\x07\x1bc\x1b]11;?\x07", "^]11;rgb:0000/0000/0000\x07"),
        // Kitty's names, several to an answer; unset ones are empty, unknown ones are not repeated.
        ("\x1b]21;foreground=?;3=?\x1b\\", "^]21;foreground=rgb:d0d0/d0d0/d0d0;3=rgb:cdcd/cdcd/0000$"),
        (
            "\x1b]21;background=#010203;cursor=red\x1b\\\x1b]21;background=?;cursor=?;evil\x1b]0;x=?\x1b\\",
            "^]21;background=rgb:0101/0202/0303;cursor=$",
        ),
        ("\x1b]21;selection_background=?;visual_bell=?\x1b\\", "^]21;selection_background=;visual_bell=$"),
        // Pointer shapes: none. Notifications: titles and bodies.
        ("\x1b]22;?pointer,text\x1b\\\x1b]22;pointer\x1b\\", "^]22;0,0$"),
        ("\x1b]99;i=42:p=?;\x1b\\\x1b]99;i=no$(x):p=?;\x1b\\", "^]99;i=42:p=?;p=title,body$^]99;i=0:p=?;p=title,body$"),
    ] {
        assert_eq!(answers(text), want, "{text:?}");
    }
}
