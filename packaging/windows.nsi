; The installer for Windows; scripts/package nsis makes it. /S installs without asking.
; The program is for 64 bits, so its installer may be.
Target amd64-unicode
Unicode true
Name "Abscope ${VERSION}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\Abscope"
InstallDirRegKey HKLM "Software\Abscope" "Folder"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
Icon "${FROM}/abscope.ico"
UninstallIcon "${FROM}/abscope.ico"

!define ENTRY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Abscope"

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section
    SetRegView 64
    SetShellVarContext all
    SetOutPath "$INSTDIR"
    File "${FROM}/abscope.exe"
    File "${FROM}/abscope-window.exe"
    File "${FROM}/abscope.ico"
    File "${FROM}/*.md"
    File "${FROM}/LICENSE-*"
    File "${FROM}/licences.txt"
    File /r "${FROM}/docs"
    ; The one without a console.
    CreateShortcut "$SMPROGRAMS\Abscope.lnk" "$INSTDIR\abscope-window.exe" "" "$INSTDIR\abscope.ico"
    WriteUninstaller "$INSTDIR\uninstall.exe"
    WriteRegStr HKLM "Software\Abscope" "Folder" "$INSTDIR"
    WriteRegStr HKLM "${ENTRY}" "DisplayName" "Abscope"
    WriteRegStr HKLM "${ENTRY}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKLM "${ENTRY}" "DisplayIcon" "$INSTDIR\abscope.ico"
    WriteRegStr HKLM "${ENTRY}" "UninstallString" "$\"$INSTDIR\uninstall.exe$\""
    WriteRegDWORD HKLM "${ENTRY}" "NoModify" 1
    WriteRegDWORD HKLM "${ENTRY}" "NoRepair" 1
SectionEnd

; Settings, snapshots and pictures are the person's and stay.
Section "Uninstall"
    SetRegView 64
    SetShellVarContext all
    Delete "$SMPROGRAMS\Abscope.lnk"
    Delete "$INSTDIR\abscope.exe"
    Delete "$INSTDIR\abscope-window.exe"
    Delete "$INSTDIR\abscope.ico"
    Delete "$INSTDIR\*.md"
    Delete "$INSTDIR\LICENSE-*"
    Delete "$INSTDIR\licences.txt"
    Delete "$INSTDIR\uninstall.exe"
    RMDir /r "$INSTDIR\docs"
    RMDir "$INSTDIR"
    DeleteRegKey HKLM "${ENTRY}"
    DeleteRegKey HKLM "Software\Abscope"
SectionEnd
