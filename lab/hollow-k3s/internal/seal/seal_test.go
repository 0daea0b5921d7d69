package seal

import "testing"

func TestOnlyThePasswordOpens(t *testing.T) {
	sealed, err := Close("token", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := Open("token", sealed); err != nil || string(opened) != "content" {
		t.Errorf("%q %v", opened, err)
	}
	if _, err := Open("other", sealed); err == nil {
		t.Error("another password opens it")
	}
	if _, err := Open("token", []byte("short")); err == nil {
		t.Error("too short is taken")
	}
}
